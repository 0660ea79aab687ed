// snapshot: companies of these ranges of ids, forgotten ones too; of several words about tier or parent the surest, then the latest; NaN is unknown
// :params { spans: [["a", "b"]], as_of: 1795000000000000, known_at: 1795000000000000 }
UNWIND $spans AS span
MATCH (c:Company)
WHERE span[0] <= c.id <= span[1]
WITH c, COLLECT { MATCH (c)-[v:COMPANY_VALUE]->(f:Field)
                  WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at AND f.id = 'TIER'
                  RETURN v.number ORDER BY v.confidence DESC, v.valid_from DESC, v.value LIMIT 1 }[0] AS tier,
        COLLECT { MATCH (c)-[s:SUBSIDIARY_OF]->(o:Company)
                  WHERE s.valid_from <= $as_of < s.valid_to AND s.recorded_at <= $known_at < s.retracted_at
                  RETURN o.id ORDER BY s.confidence DESC, s.valid_from DESC, o.id LIMIT 1 }[0] AS parent
RETURN collect(c.id) AS id, collect(coalesce(c.name, c.id)) AS name, collect(coalesce(c.territory_id, '')) AS territory,
  collect(coalesce(c.industry, '')) AS industry, collect(coalesce(c.country, '')) AS country, collect(coalesce(c.province, '')) AS province,
  collect(coalesce(toFloat(c.employees), 0.0 / 0.0)) AS employees, collect(coalesce(parent, '')) AS parent,
  collect(coalesce(c.value, 0.0 / 0.0)) AS value, collect(coalesce(tier, 0.0 / 0.0)) AS tier,
  collect(c:Us) AS us, collect(c:Account) AS account, collect(c:Partner) AS partner, collect(c:Competitor) AS competitor,
  collect(c.name IS NOT NULL AND c.since <= $known_at) AS known
ORDER BY id LIMIT 1
