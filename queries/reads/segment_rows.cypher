// filter: what these segments hold
// :params { ids: ["s"], most: 1000 }
UNWIND $ids AS id
MATCH (s:Segment {id: id})
WHERE s.filter IS NOT NULL
RETURN s.id AS id, s.filter AS filter
ORDER BY id LIMIT $most
