// snapshot: whom people of these ranges of ids sway, or oppose
// :params { spans: [["a", "b"]], as_of: 1795000000000000, known_at: 1795000000000000 }
UNWIND $spans AS span
MATCH (p:Person)
WHERE span[0] <= p.id <= span[1]
MATCH (p)-[i:INFLUENCES]->(q:Person)
WHERE i.valid_from <= $as_of < i.valid_to AND i.recorded_at <= $known_at < i.retracted_at
RETURN collect(p.id) AS person, collect(q.id) AS swayed, collect(i.kind) AS kind, collect(i.strength) AS strength, collect(i.confidence) AS sure
ORDER BY person LIMIT 1
