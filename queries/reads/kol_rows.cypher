// leaders: of these people, the circle in which they count, when they spoke, who is said to listen to them, and ties to vendors, rivals of ours included
// :params { ids: ["sun"], topic: null, recent: 20, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, seen_at: 1795000000000000, seen_known: 1795000000000000, granted: false, territories: [], most: 100000 }
UNWIND $ids AS id
MATCH (p:Person {id: id})
RETURN id AS person, p.value_circle AS circle,
  COLLECT { MATCH (p)-[t:TOOK_PART]->(i:Interaction)
            WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
              AND t.part = 'SPEAKER' AND i.at <= $as_of AND i.status = 'held' AND ($topic IS NULL OR toLower(i.topic) = toLower($topic))
            WITH i, min(t.origin) AS origin
            RETURN [i.id, i.type, i.at, coalesce(i.subject, i.topic), origin] ORDER BY i.at DESC, i.id LIMIT $most } AS talks,
  COLLECT { MATCH (p)-[r:INFLUENCES]->(q:Person)
            WHERE r.valid_from <= $as_of < r.valid_to AND r.recorded_at <= $known_at < r.retracted_at
              AND r.kind = 'ADVISES' AND ($topic IS NULL OR toLower(r.topic) = toLower($topic))
              AND ($everywhere
                OR ($granted AND NOT EXISTS { MATCH (q)-[was:WORKS_AT]->(:Company) WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at })
                OR EXISTS { MATCH (q)-[was:WORKS_AT]->(employer:Company)
                  WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at AND ($everywhere OR employer.territory_id IN $territories OR ($granted AND (employer:Us OR (employer.territory_id = '' AND NOT employer:Account))))
                    AND (was.valid_to > $seen_at OR NOT EXISTS { MATCH (q)-[now:WORKS_AT]->(:Company) WHERE now.valid_from <= $seen_at < now.valid_to AND now.recorded_at <= $seen_known < now.retracted_at }) })
            RETURN [r.key, q.id, r.valid_from, r.origin, r.strength * r.confidence, r.topic] ORDER BY r.strength * r.confidence DESC, r.key LIMIT $most } AS heard,
  COLLECT { MATCH (p)-[a:AFFILIATED_WITH]->(c:Company)
            WHERE a.valid_from <= $as_of < a.valid_to AND a.recorded_at <= $known_at < a.retracted_at
              AND NOT a.kind IN ['alumni', 'certificate'] AND any(kind IN c.kinds WHERE kind IN ['competitor', 'vendor']) AND ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
            RETURN [a.key, c.id, coalesce(c.name, c.id), a.kind, a.strength * a.confidence, a.valid_from, a.origin]
            ORDER BY a.strength * a.confidence DESC, a.key LIMIT $recent } AS ties,
  COLLECT { MATCH (p)-[w:WORKS_AT]->(c:Company)
            WHERE w.valid_from <= $as_of < w.valid_to AND w.recorded_at <= $known_at < w.retracted_at
              AND any(kind IN c.kinds WHERE kind IN ['competitor', 'vendor']) AND ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
            RETURN [w.key, c.id, coalesce(c.name, c.id), 'job', 1.0, w.valid_from, w.origin] ORDER BY w.key LIMIT $recent } AS jobs
ORDER BY person LIMIT $most
