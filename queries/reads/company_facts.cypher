// account, company: what these companies are; of several words about the tier the surest, then the latest
// :params { ids: ["krackhardt"], as_of: 1795000000000000, known_at: 1795000000000000, most: 1000 }
UNWIND $ids AS id
MATCH (c:Company {id: id})
WHERE c.name IS NOT NULL
RETURN c.id AS id, c.name AS name, coalesce(c.kinds, []) AS kinds,
  coalesce(c.aliases, []) AS aliases,
  c.domain AS domain, c.industry AS industry, c.country AS country, c.province AS province, c.city AS city, c.district AS district,
  c.employees AS employees, c.annual_revenue AS annual_revenue, c.currency AS currency,
  toInteger(COLLECT { MATCH (c)-[v:COMPANY_VALUE]->(f:Field {id: 'TIER'})
            WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at
            RETURN v.number ORDER BY v.confidence DESC, v.valid_from DESC, v.value LIMIT 1 }[0]) AS tier,
  c.value AS value,
  c.registration_no AS registration_no, coalesce(c.tags, []) AS tags
ORDER BY id LIMIT $most
