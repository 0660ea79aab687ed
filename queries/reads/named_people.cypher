// person: which people these ids or aliases name
// :params { everywhere: true, seen_at: 1795000000000000, seen_known: 1795000000000000, granted: false, territories: [], names: [["k7", ["k7", "mail:k7"]]], most: 1000, known_at: 1795000000000000 }
UNWIND $names AS pair
RETURN pair[0] AS given,
  COLLECT { MATCH (p:Person {id: pair[0]})
            WHERE p.since <= $known_at AND ($everywhere
                OR ($granted AND NOT EXISTS { MATCH (p)-[was:WORKS_AT]->(:Company) WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at })
                OR EXISTS { MATCH (p)-[was:WORKS_AT]->(employer:Company)
                  WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at AND ($everywhere OR employer.territory_id IN $territories OR ($granted AND (employer:Us OR (employer.territory_id = '' AND NOT employer:Account))))
                    AND (was.valid_to > $seen_at OR NOT EXISTS { MATCH (p)-[now:WORKS_AT]->(:Company) WHERE now.valid_from <= $seen_at < now.valid_to AND now.recorded_at <= $seen_known < now.retracted_at }) })
            RETURN p.id ORDER BY p.id LIMIT $most } AS own,
  COLLECT { UNWIND pair[1] AS name
            MATCH (a:Alias {name: name, label: 'Person'})
            MATCH (p:Person {id: a.entity_id})
            WHERE p.since <= $known_at AND ($everywhere
                OR ($granted AND NOT EXISTS { MATCH (p)-[was:WORKS_AT]->(:Company) WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at })
                OR EXISTS { MATCH (p)-[was:WORKS_AT]->(employer:Company)
                  WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at AND ($everywhere OR employer.territory_id IN $territories OR ($granted AND (employer:Us OR (employer.territory_id = '' AND NOT employer:Account))))
                    AND (was.valid_to > $seen_at OR NOT EXISTS { MATCH (p)-[now:WORKS_AT]->(:Company) WHERE now.valid_from <= $seen_at < now.valid_to AND now.recorded_at <= $seen_known < now.retracted_at }) })
            RETURN DISTINCT p.id AS id ORDER BY id LIMIT $most } AS others
ORDER BY given LIMIT $most
