// snapshot: what companies of these ranges of ids used up to the instant; not a number stands for unknown
// :params { spans: [["a", "b"]], since: -62135596800000000, open: -62135596800000000, assuming: ["crm"], as_of: 1795000000000000, known_at: 1795000000000000 }
UNWIND $spans AS span
MATCH (c:Company)
WHERE span[0] <= c.id <= span[1]
MATCH (c)-[u:USES]->(p:Product)
WHERE u.valid_from <= $as_of AND u.valid_to >= $since AND u.recorded_at <= $known_at < u.retracted_at
RETURN collect(c.id) AS company, collect(p.id) AS product, collect(u.valid_from) AS start, collect(u.valid_to) AS until,
  collect(coalesce(u.seat_share, 0.0 / 0.0)) AS share, collect(coalesce(toFloat(u.verified_on), 0.0 / 0.0)) AS verified,
  collect(coalesce(toFloat(u.renewal_on), 0.0 / 0.0)) AS renewal, collect(coalesce(u.satisfaction, 0.0 / 0.0)) AS satisfaction,
  collect(u.confidence) AS sure,
  collect(u.valid_from = $open AND any(source IN $assuming WHERE u.origin STARTS WITH source + '/' AND NOT substring(u.origin, size(source) + 1) CONTAINS '/')) AS assumed
ORDER BY company LIMIT 1
