// opportunity: which opportunities these ids or aliases name; one of a hidden account is hidden
// :params { names: [["x", ["x", "url:x"]]], everywhere: true, granted: false, territories: [], most: 1000, known_at: 1795000000000000 }
UNWIND $names AS pair
RETURN pair[0] AS given,
  COLLECT { MATCH (o:Opportunity {id: pair[0]})
            MATCH (c:Company {id: o.company_id})
            WHERE o.since <= $known_at AND ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
            RETURN o.id ORDER BY o.id LIMIT $most } AS own,
  COLLECT { UNWIND pair[1] AS name
            MATCH (a:Alias {name: name, label: 'Opportunity'})
            MATCH (o:Opportunity {id: a.entity_id})
            MATCH (c:Company {id: o.company_id})
            WHERE o.since <= $known_at AND ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
            RETURN DISTINCT o.id AS id ORDER BY id LIMIT $most } AS others
ORDER BY given LIMIT $most
