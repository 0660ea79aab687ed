// filter: all territories, each with the one around it
// :params { most: 1000000 }
MATCH (t:Territory)
RETURN t.id AS id, t.parent_id AS parent_id
ORDER BY id LIMIT $most
