// uses: what these companies use, and who sells it as far as that may be seen
// :params { ids: ["x"], since: 0, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 100000 }
UNWIND $ids AS anchor
MATCH (c:Company {id: anchor})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
RETURN anchor AS anchor,
  COLLECT { MATCH (c)-[u:USES]->(p:Product)
            WHERE u.valid_from <= $as_of AND u.valid_to >= $since AND u.recorded_at <= $known_at < u.retracted_at
              AND ($everywhere OR EXISTS { MATCH (m:Company {id: p.company_id}) WHERE ($everywhere OR m.territory_id IN $territories OR ($granted AND (m:Us OR (m.territory_id = '' AND NOT m:Account)))) })
            OPTIONAL MATCH (s:Company {id: p.company_id})
            WHERE ($everywhere OR s.territory_id IN $territories OR ($granted AND (s:Us OR (s.territory_id = '' AND NOT s:Account))))
            RETURN [u.key, u.valid_from, u.valid_to, u.origin, u.confidence,
                    p.id, p.name, s.id, s.name, u.seats, u.seat_share, u.verified_on, u.renewal_on, u.satisfaction]
            ORDER BY u.valid_from DESC, u.key LIMIT $most } AS rows
ORDER BY anchor LIMIT $most
