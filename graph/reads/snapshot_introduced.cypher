// snapshot: to whom people of these ranges of ids introduced somebody or something, or were to: how often it was tried, and how often it came about
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
WITH giver, receiver, count(*) AS tried, sum(CASE WHEN made THEN 1 ELSE 0 END) AS worked
RETURN collect(giver) AS giver, collect(receiver) AS receiver, collect(tried) AS tried, collect(worked) AS worked
ORDER BY giver LIMIT 1
