// employments: the jobs of these people
// :params { ids: ["x"], since: 0, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 100000 }
UNWIND $ids AS anchor
MATCH (p:Person {id: anchor})
RETURN anchor AS anchor,
  COLLECT { MATCH (p)-[w:WORKS_AT]->(c:Company)
            WHERE w.valid_from <= $as_of AND w.valid_to >= $since AND w.recorded_at <= $known_at < w.retracted_at
              AND ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
            RETURN [w.key, w.valid_from, w.valid_to, w.origin, w.confidence,
                    c.id, c.name, w.title, w.department, w.job_level, w.function, w.location]
            ORDER BY w.valid_from DESC, w.key LIMIT $most } AS rows
ORDER BY anchor LIMIT $most
