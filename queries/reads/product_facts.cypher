// product: what these products are, and who sells them as far as that may be seen
// :params { ids: ["x"], everywhere: true, granted: false, territories: [], most: 1000 }
UNWIND $ids AS id
MATCH (p:Product {id: id})
WHERE p.name IS NOT NULL
OPTIONAL MATCH (c:Company {id: p.company_id})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
RETURN p.id AS id, p.name AS name, c.id AS company_id, c.name AS company_name, p.category AS category, p.launched_on AS launched_on
ORDER BY id LIMIT $most
