// portfolio: what each of these accounts bought since an instant
// :params { accounts: ["bank"], begin: 1700000000000000, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 1000000 }
UNWIND $accounts AS id
MATCH (c:Company {id: id})-[b:BOUGHT]->(p:Product)
WHERE b.valid_from <= $as_of < b.valid_to AND b.recorded_at <= $known_at < b.retracted_at AND $begin < b.bought_on <= $as_of
  AND ($everywhere OR EXISTS { MATCH (m:Company {id: p.company_id}) WHERE ($everywhere OR m.territory_id IN $territories OR ($granted AND (m:Us OR (m.territory_id = '' AND NOT m:Account)))) })
WITH id, collect([b.bought_on, b.amount, coalesce(b.currency, '')]) AS bought
RETURN id AS account, bought AS purchases
ORDER BY account LIMIT $most
