// profiles: who said anything by hand, in a mutation
// :params { known_at: 1795000000000000, most: 10000 }
MATCH (l:Load {finished: true})
WHERE l.by_hand AND l.recorded_at <= $known_at
WITH DISTINCT l.source AS source
RETURN source AS source
ORDER BY source LIMIT $most
