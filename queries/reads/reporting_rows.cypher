// reporting: whom these people report to, and who reports to them
// :params { ids: ["x"], since: 0, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, seen_at: 1795000000000000, seen_known: 1795000000000000, granted: false, territories: [], most: 100000 }
UNWIND $ids AS anchor
MATCH (p:Person {id: anchor})
RETURN anchor AS anchor,
  COLLECT { MATCH (p)-[r:REPORTS_TO]-(o:Person)
            WHERE r.valid_from <= $as_of AND r.valid_to >= $since AND r.recorded_at <= $known_at < r.retracted_at
              AND ($everywhere
                OR ($granted AND NOT EXISTS { MATCH (o)-[was:WORKS_AT]->(:Company) WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at })
                OR EXISTS { MATCH (o)-[was:WORKS_AT]->(employer:Company)
                  WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at AND ($everywhere OR employer.territory_id IN $territories OR ($granted AND (employer:Us OR (employer.territory_id = '' AND NOT employer:Account))))
                    AND (was.valid_to > $seen_at OR NOT EXISTS { MATCH (o)-[now:WORKS_AT]->(:Company) WHERE now.valid_from <= $seen_at < now.valid_to AND now.recorded_at <= $seen_known < now.retracted_at }) })
            RETURN [r.key, r.valid_from, r.valid_to, r.origin, r.confidence,
                    r.line, startNode(r) = p, o.id, o.name]
            ORDER BY r.valid_from DESC, r.key LIMIT $most } AS rows
ORDER BY anchor LIMIT $most
