// led people: of these, who is heard or spoke about a topic, and is said to count in a circle
// :params { ids: ["sun"], topic: "data", circle: "industry", as_of: 1795000000000000, known_at: 1795000000000000, most: 100000 }
UNWIND $ids AS id
MATCH (p:Person {id: id})
WHERE ($circle IS NULL OR p.value_circle = $circle)
  AND ($topic IS NULL
    OR EXISTS { MATCH (p)-[r:INFLUENCES]->(:Person)
                WHERE r.valid_from <= $as_of < r.valid_to AND r.recorded_at <= $known_at < r.retracted_at
                  AND r.kind = 'ADVISES' AND toLower(r.topic) = toLower($topic) }
    OR EXISTS { MATCH (p)-[t:TOOK_PART]->(i:Interaction)
                WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
                  AND t.part = 'SPEAKER' AND i.at <= $as_of AND i.status = 'held' AND toLower(i.topic) = toLower($topic) })
RETURN p.id AS person
ORDER BY person LIMIT $most
