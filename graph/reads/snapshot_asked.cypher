// snapshot: who of these ranges of ids was asked for introductions that they have neither made nor declined
// :params { spans: [["a", "b"]], giving: ["GIVER"], as_of: 1795000000000000, known_at: 1795000000000000 }
UNWIND $spans AS span
MATCH (p:Person)
WHERE span[0] <= p.id <= span[1]
MATCH (p)-[t:TOOK_PART]->(i:Interaction)
WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at AND t.part IN $giving
  AND i.type = 'introduction' AND i.status = 'open' AND i.at <= $as_of
WITH DISTINCT p.id AS person, i.id AS introduction
RETURN collect(person) AS person, collect(introduction) AS introduction
ORDER BY person LIMIT 1
