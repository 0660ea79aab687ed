// deals: those of these accounts that ended so; null for those of all
// :params { within: null, outcome: ["open"], as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 1000000 }
MATCH (o:Opportunity)
WHERE o.outcome IN $outcome AND o.since <= $known_at AND (o.opened_on IS NULL OR o.opened_on <= $as_of)
  AND ($within IS NULL OR o.company_id IN $within)
MATCH (c:Company {id: o.company_id})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
WITH o.id AS id ORDER BY id LIMIT $most
RETURN collect(id) AS ids
ORDER BY ids LIMIT 1
