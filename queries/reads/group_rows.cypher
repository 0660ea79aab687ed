// groups: the buying groups of these companies; the default one bears the company's id
// :params { ids: ["x"], everywhere: true, granted: false, territories: [], most: 100000, known_at: 1795000000000000 }
UNWIND $ids AS anchor
MATCH (c:Company {id: anchor})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
RETURN anchor AS anchor,
  COLLECT { MATCH (g:BuyingGroup {company_id: anchor})
            WHERE g.since <= $known_at
            RETURN [g.id, coalesce(g.name, c.name, g.id), g.id = c.id, COLLECT { MATCH (p:Product {id: g.product_id}) WHERE ($everywhere OR EXISTS { MATCH (m:Company {id: p.company_id}) WHERE ($everywhere OR m.territory_id IN $territories OR ($granted AND (m:Us OR (m.territory_id = '' AND NOT m:Account)))) }) RETURN p.id LIMIT 1 }[0]]
            ORDER BY g.id <> c.id, g.id LIMIT $most } AS rows
ORDER BY anchor LIMIT $most
