// influence: whom these people sway, and who sways them
// :params { ids: ["x"], since: 0, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, territories: [], most: 100000 }
UNWIND $ids AS anchor
MATCH (p:Person {id: anchor})
RETURN anchor AS anchor,
  COLLECT { MATCH (p)-[r:INFLUENCES]-(o:Person)
            WHERE r.valid_from <= $as_of AND r.valid_to >= $since AND r.recorded_at <= $known_at < r.retracted_at
              AND ($everywhere OR EXISTS { MATCH (o)-[w:WORKS_AT]->(c:Company)
                                            WHERE w.valid_from <= $as_of < w.valid_to AND w.recorded_at <= $known_at < w.retracted_at
                                              AND c.territory_id IN $territories })
            RETURN [r.key, r.valid_from, r.valid_to, r.origin, r.confidence,
                    r.kind, startNode(r) = p, o.id, o.name, r.strength, r.topic]
            ORDER BY r.valid_from DESC, r.key LIMIT $most } AS rows
ORDER BY anchor LIMIT $most
