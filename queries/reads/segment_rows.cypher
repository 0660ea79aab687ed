// filter: what these segments hold
// :params { ids: ["s"], most: 1000, known_at: 1795000000000000 }
UNWIND $ids AS id
MATCH (s:Segment {id: id})
WHERE s.filter IS NOT NULL AND s.since <= $known_at
RETURN s.id AS id, s.filter AS filter
ORDER BY id LIMIT $most
