// tiers: the tiers of these companies
// :params { ids: ["x"], since: 0, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 100000 }
UNWIND $ids AS anchor
MATCH (c:Company {id: anchor})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
RETURN anchor AS anchor,
  COLLECT { MATCH (c)-[v:COMPANY_VALUE]->(f:Field {id: 'TIER'})
            WHERE v.valid_from <= $as_of AND v.valid_to >= $since AND v.recorded_at <= $known_at < v.retracted_at
            RETURN [v.key, v.valid_from, v.valid_to, v.origin, v.confidence,
                    toInteger(v.number)]
            ORDER BY v.valid_from DESC, v.key LIMIT $most } AS rows
ORDER BY anchor LIMIT $most
