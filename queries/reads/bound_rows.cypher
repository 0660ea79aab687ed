// changes: each start and end within a span of the jobs, lines, roles and stances of each account, as every load told it
// :params { accounts: ["krackhardt"], since: 1758000000000000, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 1000000 }
UNWIND $accounts AS account
MATCH (c:Company {id: account})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
RETURN account AS account,
  coalesce(c.name, c.id) AS name,
  COLLECT { MATCH (c)<-[w:WORKS_AT]-(p:Person)
            WHERE w.valid_from <= $as_of AND w.valid_to >= $since AND w.recorded_at <= $known_at AND w.retracted_at > $since
              AND (w.valid_from > $since OR w.valid_to <= $as_of)
            RETURN [p.id, w.valid_from, w.valid_to, w.load_id, ''] LIMIT $most } AS jobs,
  COLLECT { MATCH (c)<-[w:WORKS_AT]-(p:Person)-[r:REPORTS_TO]->(m:Person)
            WHERE w.valid_from <= $as_of AND w.valid_to >= $since AND w.recorded_at <= $known_at AND w.retracted_at > $since
              AND r.valid_from <= $as_of AND r.valid_to >= $since AND r.recorded_at <= $known_at AND r.retracted_at > $since
              AND (r.valid_from > $since OR r.valid_to <= $as_of)
            RETURN DISTINCT [p.id, r.valid_from, r.valid_to, r.load_id, m.id] AS line LIMIT $most } AS lines,
  COLLECT { MATCH (g:BuyingGroup {company_id: account})<-[h:HAS_ROLE_IN]-(p:Person)
            WHERE h.valid_from <= $as_of AND h.valid_to >= $since AND h.recorded_at <= $known_at AND h.retracted_at > $since
              AND (h.valid_from > $since OR h.valid_to <= $as_of)
            RETURN [p.id, h.valid_from, h.valid_to, h.load_id, g.id + ' ' + h.role] LIMIT $most } AS roles,
  COLLECT { MATCH (g:BuyingGroup {company_id: account})<-[h:MEMBER_OF]-(p:Person)
            WHERE h.valid_from <= $as_of AND h.valid_to >= $since AND h.recorded_at <= $known_at AND h.retracted_at > $since
              AND (h.valid_from > $since OR h.valid_to <= $as_of)
            RETURN [p.id, h.valid_from, h.valid_to, h.load_id, g.id] LIMIT $most } AS members
ORDER BY account LIMIT $most
