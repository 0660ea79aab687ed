// loads: one page of the finished loads known at an instant, with their number, the latest first
// :params { first: 21, after_key: null, known_at: 1795000000000000 }
MATCH (l:Load {finished: true})
WHERE l.recorded_at <= $known_at
WITH collect(l) AS found
RETURN
  COLLECT { UNWIND found AS l
            WITH l WHERE $after_key IS NULL OR l.revision < $after_key
            RETURN [l.revision, l.id, l.source, l.kinds, l.as_of, l.recorded_at,
                    CASE WHEN l.unloaded_at <= $known_at THEN l.unloaded_at END, l.undoes]
            ORDER BY l.revision DESC LIMIT $first } AS rows,
  size(found) AS total
LIMIT 1
