// product: which products these ids or aliases name
// :params { everywhere: true, granted: false, territories: [], names: [["x", ["x", "url:x"]]], most: 1000, known_at: 1795000000000000 }
UNWIND $names AS pair
RETURN pair[0] AS given,
  COLLECT { MATCH (p:Product {id: pair[0]})
            WHERE p.since <= $known_at AND ($everywhere OR EXISTS { MATCH (c:Company {id: p.company_id}) WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account)))) })
            RETURN p.id ORDER BY p.id LIMIT $most } AS own,
  COLLECT { UNWIND pair[1] AS name
            MATCH (a:Alias {name: name, label: 'Product'})
            MATCH (p:Product {id: a.entity_id})
            WHERE p.since <= $known_at AND ($everywhere OR EXISTS { MATCH (c:Company {id: p.company_id}) WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account)))) })
            RETURN DISTINCT p.id AS id ORDER BY id LIMIT $most } AS others
ORDER BY given LIMIT $most
