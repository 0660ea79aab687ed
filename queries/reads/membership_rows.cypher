// memberships: where these people stand in decisions
// :params { ids: ["x"], since: 0, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 100000 }
UNWIND $ids AS anchor
MATCH (p:Person {id: anchor})
RETURN anchor AS anchor,
  COLLECT { MATCH (p)-[m:MEMBER_OF]->(g:BuyingGroup)
            MATCH (c:Company {id: g.company_id})
            WHERE m.valid_from <= $as_of AND m.valid_to >= $since AND m.recorded_at <= $known_at < m.retracted_at
              AND ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
            RETURN [m.key, m.valid_from, m.valid_to, m.origin, m.confidence,
                    c.id, c.name, g.id, g.name, m.stance, m.power, m.goals, m.concerns, m.author_id]
            ORDER BY m.valid_from DESC, m.key LIMIT $most } AS rows
ORDER BY anchor LIMIT $most
