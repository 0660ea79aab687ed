// snapshot: to whom people of these ranges of ids report
// :params { spans: [["a", "b"]], as_of: 1795000000000000, known_at: 1795000000000000 }
UNWIND $spans AS span
MATCH (p:Person)
WHERE span[0] <= p.id <= span[1]
MATCH (p)-[r:REPORTS_TO]->(m:Person)
WHERE r.valid_from <= $as_of < r.valid_to AND r.recorded_at <= $known_at < r.retracted_at
RETURN collect(p.id) AS person, collect(m.id) AS manager, collect(r.line) AS line, collect(r.confidence) AS sure
ORDER BY person LIMIT 1
