// segments: all of them, each with its filter as written
// :params { most: 1000000, known_at: 1795000000000000 }
RETURN
  COLLECT { MATCH (s:Segment) WHERE s.filter IS NOT NULL AND s.since <= $known_at
            RETURN [s.id, coalesce(s.name, s.id), s.filter] ORDER BY s.id LIMIT $most } AS segments
LIMIT 1
