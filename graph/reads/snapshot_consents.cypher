// snapshot: until when people of these ranges of ids agreed to be contacted, each word about it
// :params { spans: [["a", "b"]], open: -62135596800000000, assuming: ["crm"], as_of: 1795000000000000, known_at: 1795000000000000 }
UNWIND $spans AS span
MATCH (p:Person)
WHERE span[0] <= p.id <= span[1]
MATCH (p)-[v:PERSON_VALUE]->(f:Field)
WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at AND f.id = 'CONSENT_UNTIL'
RETURN collect(p.id) AS person, collect(v.number) AS until, collect(v.confidence) AS sure, collect(v.valid_from) AS start,
  collect(v.valid_from = $open AND any(source IN $assuming WHERE v.origin STARTS WITH source + '/' AND NOT substring(v.origin, size(source) + 1) CONTAINS '/')) AS assumed
ORDER BY person LIMIT 1
