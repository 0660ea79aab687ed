// roles: the roles of these people in decisions
// :params { ids: ["x"], since: 0, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 100000 }
UNWIND $ids AS anchor
MATCH (p:Person {id: anchor})
RETURN anchor AS anchor,
  COLLECT { MATCH (p)-[r:HAS_ROLE_IN]->(g:BuyingGroup)
            MATCH (c:Company {id: g.company_id})
            WHERE r.valid_from <= $as_of AND r.valid_to >= $since AND r.recorded_at <= $known_at < r.retracted_at
              AND ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
            RETURN [r.key, r.valid_from, r.valid_to, r.origin, r.confidence,
                    c.id, c.name, g.id, g.name, r.role, r.role_confidence, r.authority, r.step]
            ORDER BY r.valid_from DESC, r.key LIMIT $most } AS rows
ORDER BY anchor LIMIT $most
