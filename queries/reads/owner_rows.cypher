// owners: who of us owns these accounts
// :params { ids: ["x"], since: 0, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, territories: [], most: 100000 }
UNWIND $ids AS anchor
MATCH (c:Company {id: anchor})
WHERE $everywhere OR c.territory_id IN $territories
RETURN anchor AS anchor,
  COLLECT { MATCH (c)<-[m:MANAGES_ACCOUNT]-(p:Person)
            WHERE m.valid_from <= $as_of AND m.valid_to >= $since AND m.recorded_at <= $known_at < m.retracted_at
            RETURN [m.key, m.valid_from, m.valid_to, m.origin, m.confidence,
                    p.id, p.name]
            ORDER BY m.valid_from DESC, m.key LIMIT $most } AS rows
ORDER BY anchor LIMIT $most
