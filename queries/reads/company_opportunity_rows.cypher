// company_opportunities: the opportunities of these companies that were opened by then
// :params { ids: ["x"], as_of: 1795000000000000, everywhere: true, granted: false, territories: [], most: 100000, known_at: 1795000000000000 }
UNWIND $ids AS anchor
MATCH (c:Company {id: anchor})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
RETURN anchor AS anchor,
  COLLECT { MATCH (o:Opportunity {company_id: anchor})
            WHERE o.outcome IS NOT NULL AND o.since <= $known_at AND (o.opened_on IS NULL OR o.opened_on <= $as_of)
            RETURN [o.id] ORDER BY o.opened_on DESC, o.id LIMIT $most } AS rows
ORDER BY anchor LIMIT $most
