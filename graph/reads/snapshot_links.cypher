// snapshot: how companies of these ranges of ids stood to others up to the instant
// :params { spans: [["a", "b"]], since: -62135596800000000, open: -62135596800000000, assuming: ["crm"], as_of: 1795000000000000, known_at: 1795000000000000 }
UNWIND $spans AS span
MATCH (c:Company)
WHERE span[0] <= c.id <= span[1]
MATCH (c)-[r:SERVES|RESELLS|PARTNERS_WITH|COMPETES_WITH|SUPPLIES]->(o:Company)
WHERE r.valid_from <= $as_of AND r.valid_to >= $since AND r.recorded_at <= $known_at < r.retracted_at
RETURN collect(c.id) AS company, collect(o.id) AS other, collect(type(r)) AS kind, collect(coalesce(r.product_id, '')) AS product,
  collect(r.valid_from) AS start, collect(r.valid_to) AS until, collect(r.confidence) AS sure,
  collect(r.valid_from = $open AND any(source IN $assuming WHERE r.origin STARTS WITH source + '/' AND NOT substring(r.origin, size(source) + 1) CONTAINS '/')) AS assumed
ORDER BY company LIMIT 1
