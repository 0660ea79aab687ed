// hops: on what it rests that one person is heard by another: what happened between them, who says that they are heard, lines, and where both were
// :params { pairs: [["sun", "li"]], types: ["meeting"], statuses: ["held"], giving: ["GIVER"], taking: ["RECEIVER"], tried: ["declined"], largest: 50, recent: 5, since: -62135596800000000, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 1000 }
UNWIND $pairs AS pair
MATCH (a:Person {id: pair[0]})
RETURN pair[0] AS who, pair[1] AS whom,
  COLLECT { MATCH (a)-[t:TOOK_PART]->(i:Interaction)
            WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
              AND i.at <= $as_of AND i.noise IS NULL AND i.type IN $types AND i.status IN $statuses
            MATCH (i)<-[u:TOOK_PART]-(:Person {id: pair[1]})
            WHERE u.valid_from <= $as_of < u.valid_to AND u.recorded_at <= $known_at < u.retracted_at
              AND COUNT { MATCH (i)<-[w:TOOK_PART]-(:Person)
                          WHERE w.valid_from <= $as_of < w.valid_to AND w.recorded_at <= $known_at < w.retracted_at } <= $largest
            WITH i, min(t.origin) AS origin
            RETURN [i.id, i.type, i.at, coalesce(i.subject, i.topic), origin] ORDER BY i.at DESC, i.id LIMIT $recent } AS met,
  COLLECT { MATCH (a)-[t:TOOK_PART]->(i:Interaction)
            WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
              AND (t.part IN $giving OR t.part IN $taking) AND i.type = 'introduction' AND i.status IN $tried AND i.at <= $as_of AND i.noise IS NULL
            MATCH (i)<-[u:TOOK_PART]-(:Person {id: pair[1]})
            WHERE u.valid_from <= $as_of < u.valid_to AND u.recorded_at <= $known_at < u.retracted_at
              AND (t.part IN $giving AND u.part IN $taking OR t.part IN $taking AND u.part IN $giving)
            WITH i, t.part IN $giving AS gave, min(t.origin) AS origin
            RETURN [i.id, i.status, i.at, coalesce(i.subject, i.topic), origin, gave] ORDER BY i.at DESC, i.id, gave LIMIT $recent } AS introduced,
  COLLECT { MATCH (a)-[r:INFLUENCES]->(:Person {id: pair[1]})
            WHERE r.valid_from <= $as_of < r.valid_to AND r.recorded_at <= $known_at < r.retracted_at AND r.kind = 'ADVISES'
            RETURN [r.key, r.valid_from, r.origin, r.strength * r.confidence, r.topic] ORDER BY r.strength * r.confidence DESC, r.key LIMIT $recent } AS heard,
  COLLECT { MATCH (a)-[r:REPORTS_TO]-(:Person {id: pair[1]})
            WHERE r.valid_from <= $as_of < r.valid_to AND r.recorded_at <= $known_at < r.retracted_at
            RETURN [r.key, r.valid_from, r.origin, r.line, startNode(r) = a] ORDER BY r.line DESC, r.key LIMIT $recent } AS lines,
  COLLECT { MATCH (a)-[v:WORKS_AT]->(c:Company)
            WHERE v.valid_from <= $as_of AND v.valid_to >= $since AND v.recorded_at <= $known_at < v.retracted_at
              AND ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
            MATCH (c)<-[w:WORKS_AT]-(:Person {id: pair[1]})
            WHERE w.valid_from <= $as_of AND w.valid_to >= $since AND w.recorded_at <= $known_at < w.retracted_at
            RETURN [v.key, v.origin, coalesce(c.name, c.id), v.valid_from, v.valid_to, w.valid_from, w.valid_to] ORDER BY c.id, v.key, w.key LIMIT $recent } AS jobs,
  COLLECT { MATCH (a)-[v:AFFILIATED_WITH]->(c:Company)
            WHERE v.valid_from <= $as_of AND v.valid_to >= $since AND v.recorded_at <= $known_at < v.retracted_at
              AND v.kind = 'alumni' AND ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
            MATCH (c)<-[w:AFFILIATED_WITH]-(:Person {id: pair[1]})
            WHERE w.valid_from <= $as_of AND w.valid_to >= $since AND w.recorded_at <= $known_at < w.retracted_at AND w.kind = 'alumni'
            RETURN [v.key, v.origin, coalesce(c.name, c.id), v.valid_from, v.valid_to, w.valid_from, w.valid_to] ORDER BY c.id, v.key, w.key LIMIT $recent } AS studies
ORDER BY who, whom LIMIT $most
