// led people: of these who count in a circle, whether they are heard about a topic, and where they spoke about it
// :params { ids: ["sun"], topic: "data", circle: "industry", as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, seen_at: 1795000000000000, seen_known: 1795000000000000, granted: false, territories: [], most: 100000 }
UNWIND $ids AS id
MATCH (p:Person {id: id})
WHERE ($circle IS NULL OR p.value_circle = $circle)
RETURN p.id AS person,
  $topic IS NULL
    OR EXISTS { MATCH (p)-[r:INFLUENCES]->(q:Person)
                WHERE r.valid_from <= $as_of < r.valid_to AND r.recorded_at <= $known_at < r.retracted_at
                  AND r.kind = 'ADVISES' AND toLower(r.topic) = toLower($topic)
                  AND ($everywhere
                    OR ($granted AND NOT EXISTS { MATCH (q)-[was:WORKS_AT]->(:Company) WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at })
                    OR EXISTS { MATCH (q)-[was:WORKS_AT]->(employer:Company)
                      WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at AND ($everywhere OR employer.territory_id IN $territories OR ($granted AND (employer:Us OR (employer.territory_id = '' AND NOT employer:Account))))
                        AND (was.valid_to > $seen_at OR NOT EXISTS { MATCH (q)-[now:WORKS_AT]->(:Company) WHERE now.valid_from <= $seen_at < now.valid_to AND now.recorded_at <= $seen_known < now.retracted_at }) }) } AS heard,
  COLLECT { MATCH (p)-[t:TOOK_PART]->(i:Interaction)
            WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
              AND t.part = 'SPEAKER' AND i.at <= $as_of AND i.status = 'held' AND toLower(i.topic) = toLower($topic)
            RETURN DISTINCT i.id AS talk ORDER BY talk LIMIT $most } AS talks
ORDER BY person LIMIT $most
