// snapshot: every job up to the instant of people of these ranges of ids
// :params { spans: [["a", "b"]], since: -62135596800000000, open: -62135596800000000, assuming: ["crm"], as_of: 1795000000000000, known_at: 1795000000000000 }
UNWIND $spans AS span
MATCH (p:Person)
WHERE span[0] <= p.id <= span[1]
MATCH (p)-[w:WORKS_AT]->(c:Company)
WHERE w.valid_from <= $as_of AND w.valid_to >= $since AND w.recorded_at <= $known_at < w.retracted_at
RETURN collect(p.id) AS person, collect(c.id) AS company, collect(w.valid_from) AS start, collect(w.valid_to) AS until, collect(w.confidence) AS sure,
  collect(w.valid_from = $open AND any(source IN $assuming WHERE w.origin STARTS WITH source + '/' AND NOT substring(w.origin, size(source) + 1) CONTAINS '/')) AS assumed
ORDER BY person LIMIT 1
