// which of these buying groups are of an account that may be seen
// :params { ids: ["x"], everywhere: true, granted: false, territories: [], most: 1000 }
UNWIND $ids AS given
MATCH (g:BuyingGroup {id: given})
MATCH (c:Company {id: g.company_id})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
RETURN DISTINCT g.id AS id
ORDER BY id LIMIT $most
