// links: how these companies stand to others
// :params { ids: ["x"], since: 0, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 100000 }
UNWIND $ids AS anchor
MATCH (c:Company {id: anchor})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
RETURN anchor AS anchor,
  COLLECT { MATCH (c)-[r:SERVES|RESELLS|PARTNERS_WITH|COMPETES_WITH|SUPPLIES]-(o:Company)
            WHERE r.valid_from <= $as_of AND r.valid_to >= $since AND r.recorded_at <= $known_at < r.retracted_at
              AND ($everywhere OR o.territory_id IN $territories OR ($granted AND (o:Us OR (o.territory_id = '' AND NOT o:Account))))
            OPTIONAL MATCH (p:Product {id: r.product_id})
            WHERE ($everywhere OR EXISTS { MATCH (m:Company {id: p.company_id}) WHERE ($everywhere OR m.territory_id IN $territories OR ($granted AND (m:Us OR (m.territory_id = '' AND NOT m:Account)))) })
            RETURN [r.key, r.valid_from, r.valid_to, r.origin, r.confidence,
                    type(r), [r.from_ref, r.to_ref], startNode(r) = c, o.id, o.name, p.id, p.name, r.product_id IS NOT NULL AND p IS NULL]
            ORDER BY r.valid_from DESC, r.key LIMIT $most } AS rows
ORDER BY anchor LIMIT $most
