// filter: all territories, each with the one around it
// :params { most: 1000000, known_at: 1795000000000000 }
MATCH (t:Territory)
WHERE t.since <= $known_at
RETURN t.id AS id, t.parent_id AS parent_id
ORDER BY id LIMIT $most
