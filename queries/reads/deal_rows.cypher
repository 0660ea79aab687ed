// deals: when each open opportunity of these accounts is to close, null for unknown; of several words about it the surest, then the latest
// :params { accounts: ["linghai"], as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 100000 }
UNWIND $accounts AS account
MATCH (c:Company {id: account})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
RETURN account AS account,
  COLLECT { MATCH (o:Opportunity {company_id: account})
            WHERE o.outcome = 'open' AND o.since <= $known_at AND (o.opened_on IS NULL OR o.opened_on <= $as_of)
            RETURN [COLLECT { MATCH (o)-[v:OPPORTUNITY_VALUE]->(f:Field {id: 'CLOSE_ON'})
                              WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at
                              RETURN v.number ORDER BY v.confidence DESC, v.valid_from DESC, v.value LIMIT 1 }[0]]
            ORDER BY o.id LIMIT $most } AS closing
ORDER BY account LIMIT $most
