// worth: what each account, and with `subsidiaries` every company that it owns, is worth to us; of several words about a tier the surest, then the latest
// :params { accounts: ["linghai"], subsidiaries: true, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 100000 }
UNWIND $accounts AS account
MATCH (c:Company {id: account})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
RETURN account AS account,
  COLLECT { MATCH (c) (()<-[r:SUBSIDIARY_OF WHERE r.valid_from <= $as_of < r.valid_to AND r.recorded_at <= $known_at < r.retracted_at]-(n:Company WHERE ($everywhere OR n.territory_id IN $territories OR ($granted AND (n:Us OR (n.territory_id = '' AND NOT n:Account)))))){0,20} (s:Company)
            WHERE (s.id = account OR $subsidiaries) AND ($everywhere OR s.territory_id IN $territories OR ($granted AND (s:Us OR (s.territory_id = '' AND NOT s:Account))))
            WITH DISTINCT s
            RETURN [s.id, coalesce(s.name, s.id), s.value,
                    COLLECT { MATCH (s)-[v:COMPANY_VALUE]->(f:Field {id: 'TIER'})
                              WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at
                              RETURN toInteger(v.number) ORDER BY v.confidence DESC, v.valid_from DESC, v.value LIMIT 1 }[0]]
            ORDER BY s.id <> account, s.id LIMIT $most } AS companies
ORDER BY account LIMIT $most
