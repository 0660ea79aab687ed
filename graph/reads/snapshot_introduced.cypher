// snapshot: to whom people of these ranges of ids introduced somebody or something, or were to, and whether it came about
// :params { spans: [["a", "b"]], giving: ["GIVER"], taking: ["RECEIVER"], tried: ["held", "declined"], worked: ["held"], as_of: 1795000000000000, known_at: 1795000000000000 }
UNWIND $spans AS span
MATCH (p:Person)
WHERE span[0] <= p.id <= span[1]
MATCH (p)-[t:TOOK_PART]->(i:Interaction)
WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at AND t.part IN $giving
  AND i.type = 'introduction' AND i.status IN $tried AND i.at <= $as_of AND i.noise IS NULL
MATCH (i)<-[u:TOOK_PART]-(q:Person)
WHERE u.valid_from <= $as_of < u.valid_to AND u.recorded_at <= $known_at < u.retracted_at AND u.part IN $taking AND q <> p
WITH DISTINCT p.id AS giver, q.id AS receiver, i.id AS introduction, i.status IN $worked AS made
RETURN collect(giver) AS giver, collect(receiver) AS receiver, collect(introduction) AS introduction, collect(made) AS made
ORDER BY giver LIMIT 1
