// snapshot: how people of these ranges of ids belonged to companies beside a job up to the instant
// :params { spans: [["a", "b"]], since: -62135596800000000, as_of: 1795000000000000, known_at: 1795000000000000 }
UNWIND $spans AS span
MATCH (p:Person)
WHERE span[0] <= p.id <= span[1]
MATCH (p)-[a:AFFILIATED_WITH]->(c:Company)
WHERE a.valid_from <= $as_of AND a.valid_to >= $since AND a.recorded_at <= $known_at < a.retracted_at
RETURN collect(p.id) AS person, collect(c.id) AS company, collect(a.kind) AS kind, collect(a.strength) AS strength,
  collect(a.valid_from) AS start, collect(a.valid_to) AS until, collect(a.confidence) AS sure
ORDER BY person LIMIT 1
