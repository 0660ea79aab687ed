// bantc: budget, authority, need, timing and competition of these opportunities
// :params { ids: ["x"], since: 0, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, seen_at: 1795000000000000, seen_known: 1795000000000000, granted: false, territories: [], most: 100000 }
UNWIND $ids AS anchor
MATCH (o:Opportunity {id: anchor})
MATCH (c:Company {id: o.company_id})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
RETURN anchor AS anchor,
  COLLECT { MATCH (o)-[v:OPPORTUNITY_VALUE]->(f:Field)
            WHERE v.valid_from <= $as_of AND v.valid_to >= $since AND v.recorded_at <= $known_at < v.retracted_at
              AND v.state IS NOT NULL
            OPTIONAL MATCH (own:Person {id: v.said_by_id})
            OPTIONAL MATCH (p:Person {id: coalesce(own.id, COLLECT { MATCH (a:Alias {name: v.said_by_id}) WHERE a.label = 'Person'
                                                                     RETURN a.entity_id ORDER BY a.record LIMIT 1 }[0])})
            WHERE ($everywhere
                OR ($granted AND NOT EXISTS { MATCH (p)-[was:WORKS_AT]->(:Company) WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at })
                OR EXISTS { MATCH (p)-[was:WORKS_AT]->(employer:Company)
                  WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at AND ($everywhere OR employer.territory_id IN $territories OR ($granted AND (employer:Us OR (employer.territory_id = '' AND NOT employer:Account))))
                    AND (was.valid_to > $seen_at OR NOT EXISTS { MATCH (p)-[now:WORKS_AT]->(:Company) WHERE now.valid_from <= $seen_at < now.valid_to AND now.recorded_at <= $seen_known < now.retracted_at }) })
            RETURN [v.key, v.valid_from, v.valid_to, v.origin, v.confidence,
                    f.id, v.state, v.value, v.at, p.id, p.name]
            ORDER BY v.valid_from DESC, v.key LIMIT $most } AS rows
ORDER BY anchor LIMIT $most
