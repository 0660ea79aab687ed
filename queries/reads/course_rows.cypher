// course: the dated values of these opportunities
// :params { ids: ["x"], fields: ["STAGE"], since: 0, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 100000 }
UNWIND $ids AS anchor
MATCH (o:Opportunity {id: anchor})
MATCH (c:Company {id: o.company_id})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
RETURN anchor AS anchor,
  COLLECT { MATCH (o)-[v:OPPORTUNITY_VALUE]->(f:Field)
            WHERE v.valid_from <= $as_of AND v.valid_to >= $since AND v.recorded_at <= $known_at < v.retracted_at
              AND f.id IN $fields
            RETURN [v.key, v.valid_from, v.valid_to, v.origin, v.confidence,
                    f.id, coalesce(COLLECT { MATCH (a:Alias {name: v.value})
                                             WHERE f.id = 'OWNER' AND a.label = 'Person' AND NOT EXISTS { MATCH (p:Person {id: v.value}) }
                                             RETURN a.entity_id ORDER BY a.record LIMIT 1 }[0], v.value), v.number]
            ORDER BY v.valid_from DESC, v.key LIMIT $most } AS rows
ORDER BY anchor LIMIT $most
