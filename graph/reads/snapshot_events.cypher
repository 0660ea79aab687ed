// snapshot: what happened at which people of these ranges of ids took part, with everybody who did; ours: those of our own people too
// :params { spans: [["a", "b"]], ours: false, types: ["meeting"], statuses: ["held"], crowd: 500, as_of: 1795000000000000, known_at: 1795000000000000 }
UNWIND $spans AS span
MATCH (p:Person)
WHERE span[0] <= p.id <= span[1]
  AND ($ours OR NOT EXISTS { MATCH (p)-[w:WORKS_AT]->(u:Us)
                             WHERE w.valid_from <= $as_of < w.valid_to AND w.recorded_at <= $known_at < w.retracted_at })
WITH p
MATCH (p)-[t:TOOK_PART]->(i:Interaction)
WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
  AND i.at <= $as_of AND i.noise IS NULL AND i.type IN $types AND i.status IN $statuses
WITH DISTINCT i
WITH i, COLLECT { MATCH (i)<-[t:TOOK_PART]-(q:Person)
                  WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
                  RETURN [q.id, t.part, t.confidence] LIMIT $crowd } AS took
RETURN collect([i.id, i.type, i.at, i.status, coalesce(i.direction, ''), i.company_id, took]) AS events
ORDER BY events LIMIT 1
