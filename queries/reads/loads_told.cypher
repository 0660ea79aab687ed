// changes: the finished loads known at an instant, the latest last
// :params { known_at: 1795000000000000, most: 1000000 }
MATCH (l:Load {finished: true})
WHERE l.recorded_at <= $known_at
RETURN l.id AS id, l.revision AS revision, l.recorded_at AS recorded_at, coalesce(l.finished_at, l.recorded_at) AS finished_at, l.source AS source, l.kinds AS kinds, l.undoes AS undoes
ORDER BY revision LIMIT $most
