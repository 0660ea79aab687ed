// account, company: which companies these ids or aliases name
// :params { names: [["acme", ["acme", "url:acme"]]], everywhere: true, granted: false, territories: [], most: 1000, known_at: 1795000000000000 }
UNWIND $names AS pair
RETURN pair[0] AS given,
  COLLECT { MATCH (c:Company {id: pair[0]})
            WHERE c.since <= $known_at AND ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
            RETURN c.id ORDER BY c.id LIMIT $most } AS own,
  COLLECT { UNWIND pair[1] AS name
            MATCH (a:Alias {name: name, label: 'Company'})
            MATCH (c:Company {id: a.entity_id})
            WHERE c.since <= $known_at AND ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
            RETURN DISTINCT c.id AS id ORDER BY id LIMIT $most } AS others
ORDER BY given LIMIT $most
