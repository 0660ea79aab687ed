// divisions: by what these accounts can be divided; of several words about a tier the surest, then the latest
// :params { accounts: ["linghai"], as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, territories: [] }
UNWIND $accounts AS account
MATCH (c:Company {id: account})
WHERE $everywhere OR c.territory_id IN $territories
WITH c, COLLECT { MATCH (c)-[v:COMPANY_VALUE]->(f:Field {id: 'TIER'})
                  WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at
                  RETURN toString(toInteger(v.number)) ORDER BY v.confidence DESC, v.valid_from DESC, v.value LIMIT 1 }[0] AS tier
ORDER BY c.id
RETURN collect([c.id, c.industry, c.country, c.province, c.territory_id, tier]) AS companies
LIMIT 1
