// account, company: what these companies are
// :params { ids: ["krackhardt"], most: 1000 }
UNWIND $ids AS id
MATCH (c:Company {id: id})
WHERE c.name IS NOT NULL
RETURN c.id AS id, c.name AS name, coalesce(c.kinds, []) AS kinds,
  coalesce(c.aliases, []) AS aliases,
  c.domain AS domain, c.industry AS industry, c.country AS country, c.province AS province, c.city AS city, c.district AS district,
  c.employees AS employees, c.annual_revenue AS annual_revenue, c.currency AS currency, c.tier AS tier, c.value AS value,
  c.registration_no AS registration_no, coalesce(c.tags, []) AS tags
ORDER BY id LIMIT $most
