// deals: those of these accounts, null for those of all, how they ended as said now, and when they are to close or did
// :params { within: null, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 1000000 }
MATCH (o:Opportunity)
WHERE o.outcome IS NOT NULL AND o.since <= $known_at AND (o.opened_on IS NULL OR o.opened_on <= $as_of)
  AND ($within IS NULL OR o.company_id IN $within)
MATCH (c:Company {id: o.company_id})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
WITH o.id AS id, o.outcome AS outcome,
  COLLECT { MATCH (o)-[v:OPPORTUNITY_VALUE]->(f:Field {id: 'CLOSE_ON'})
            WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at
            RETURN v.number ORDER BY v.confidence DESC, v.valid_from DESC, v.value LIMIT 1 }[0] AS closing
ORDER BY id LIMIT $most
RETURN collect([id, outcome, closing]) AS deals
ORDER BY deals LIMIT 1
