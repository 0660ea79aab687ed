// chain_changes: all that held at some instant of a span: jobs, lines, roles and stances of those who worked at each account or are listed
// The lists are ordered where they are read: an ORDER BY within COLLECT keeps every list collected before it with each row, which grows with the square
// :params { accounts: ["krackhardt"], since: 0, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 100000 }
UNWIND $accounts AS account
MATCH (c:Company {id: account})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
RETURN account AS account,
  COLLECT { MATCH (c)<-[w:WORKS_AT]-(p:Person)
            WHERE w.valid_from <= $as_of AND w.valid_to >= $since AND w.recorded_at <= $known_at < w.retracted_at
            RETURN [p.id, coalesce(p.name, p.id), w.title, w.confidence, w.valid_from, w.valid_to, w.origin] LIMIT $most } AS jobs,
  COLLECT { MATCH (c)<-[w:WORKS_AT]-(p:Person)-[r:REPORTS_TO]->(m:Person)
            WHERE w.valid_from <= $as_of AND w.valid_to >= $since AND w.recorded_at <= $known_at < w.retracted_at
              AND r.valid_from <= $as_of AND r.valid_to >= $since AND r.recorded_at <= $known_at < r.retracted_at
            RETURN DISTINCT [p.id, m.id, coalesce(m.name, m.id), r.line, r.confidence, r.valid_from, r.valid_to, r.origin] AS line LIMIT $most } AS lines,
  COLLECT { MATCH (g:BuyingGroup {company_id: account})<-[r:HAS_ROLE_IN]-(p:Person)
            WHERE r.valid_from <= $as_of AND r.valid_to >= $since AND r.recorded_at <= $known_at < r.retracted_at
            RETURN [g.id, p.id, coalesce(p.name, p.id), r.role, r.role_confidence, r.valid_from, r.valid_to, r.origin] LIMIT $most } AS roles,
  COLLECT { MATCH (g:BuyingGroup {company_id: account})<-[m:MEMBER_OF]-(p:Person)
            WHERE m.valid_from <= $as_of AND m.valid_to >= $since AND m.recorded_at <= $known_at < m.retracted_at
            RETURN [g.id, p.id, coalesce(p.name, p.id), m.stance, m.confidence, m.valid_from, m.valid_to, m.origin] LIMIT $most } AS members,
  COLLECT { MATCH (g:BuyingGroup {company_id: account})
            WHERE g.since <= $known_at
            RETURN g.id LIMIT $most } AS groups
ORDER BY account LIMIT $most
