// groups: the buying groups of these companies; the default one bears the company's id
// :params { ids: ["x"], everywhere: true, territories: [], most: 100000, known_at: 1795000000000000 }
UNWIND $ids AS anchor
MATCH (c:Company {id: anchor})
WHERE $everywhere OR c.territory_id IN $territories
RETURN anchor AS anchor,
  COLLECT { MATCH (g:BuyingGroup {company_id: anchor})
            WHERE g.since <= $known_at
            RETURN [g.id, coalesce(g.name, c.name, g.id), g.id = c.id, g.product_id]
            ORDER BY g.id <> c.id, g.id LIMIT $most } AS rows
ORDER BY anchor LIMIT $most
