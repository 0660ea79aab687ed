// decision_chain: who works at each account, who reports to whom, who sways whom, which groups there are, who holds which role and stance, who agreed to be contacted and until when
// The lists are ordered where they are read: an ORDER BY within COLLECT keeps every list collected before it with each row, which grows with the square
// Which dated value it is, is read and not asked for: a plan that begins at the field would walk to everybody who has one
// :params { accounts: ["krackhardt"], since: 1787000000000000, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 100000, barring: ["withdrawn"] }
UNWIND $accounts AS account
MATCH (c:Company {id: account})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
RETURN account AS account,
  coalesce(c.name, c.id) AS name,
  COLLECT { MATCH (c)<-[w:WORKS_AT]-(p:Person)
            WHERE w.valid_from <= $as_of < w.valid_to AND w.recorded_at <= $known_at < w.retracted_at
            RETURN [p.id, coalesce(p.name, p.id), w.title, w.department, w.job_level, w.confidence, w.valid_from, w.origin,
                    w.valid_from > $since AND NOT EXISTS { MATCH (p)-[b:WORKS_AT]->(c)
                      WHERE b.valid_from <= $as_of AND b.valid_to >= $since AND b.recorded_at <= $known_at < b.retracted_at AND b.valid_from <= $since },
                    coalesce(p.do_not_contact OR toLower(p.legal_basis) IN $barring, false)] LIMIT $most } AS jobs,
  COLLECT { MATCH (c)<-[w:WORKS_AT]-(p:Person)-[r:REPORTS_TO]->(m:Person)
            WHERE w.valid_from <= $as_of < w.valid_to AND w.recorded_at <= $known_at < w.retracted_at
              AND r.valid_from <= $as_of < r.valid_to AND r.recorded_at <= $known_at < r.retracted_at
            RETURN DISTINCT [p.id, m.id, coalesce(m.name, m.id), r.line, r.confidence, r.valid_from, r.origin] AS line LIMIT $most } AS lines,
  COLLECT { MATCH (c)<-[w:WORKS_AT]-(p:Person)-[i:INFLUENCES]->(q:Person)
            WHERE w.valid_from <= $as_of < w.valid_to AND w.recorded_at <= $known_at < w.retracted_at
              AND i.valid_from <= $as_of < i.valid_to AND i.recorded_at <= $known_at < i.retracted_at
            RETURN DISTINCT [p.id, q.id, i.kind, coalesce(i.topic, ''), i.strength, i.valid_from, i.origin, i.confidence] AS sway LIMIT $most } AS sways,
  COLLECT { MATCH (g:BuyingGroup {company_id: account})<-[h:HAS_ROLE_IN|MEMBER_OF]-(p:Person)-[r:REPORTS_TO]->(m:Person)
            WHERE h.valid_from <= $as_of < h.valid_to AND h.recorded_at <= $known_at < h.retracted_at
              AND r.valid_from <= $as_of < r.valid_to AND r.recorded_at <= $known_at < r.retracted_at
            RETURN DISTINCT [p.id, m.id, coalesce(m.name, m.id), r.line, r.confidence, r.valid_from, r.origin] AS line LIMIT $most } AS lines_of_listed,
  COLLECT { MATCH (g:BuyingGroup {company_id: account})<-[h:HAS_ROLE_IN|MEMBER_OF]-(p:Person)-[i:INFLUENCES]->(q:Person)
            WHERE h.valid_from <= $as_of < h.valid_to AND h.recorded_at <= $known_at < h.retracted_at
              AND i.valid_from <= $as_of < i.valid_to AND i.recorded_at <= $known_at < i.retracted_at
            RETURN DISTINCT [p.id, q.id, i.kind, coalesce(i.topic, ''), i.strength, i.valid_from, i.origin, i.confidence] AS sway LIMIT $most } AS sways_of_listed,
  COLLECT { MATCH (c)<-[w:WORKS_AT]-(p:Person)-[v:PERSON_VALUE]->(f:Field)
            WHERE w.valid_from <= $as_of < w.valid_to AND w.recorded_at <= $known_at < w.retracted_at
              AND v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at
            RETURN [p.id, f.id, v.confidence, v.valid_from, v.origin, v.number] LIMIT $most } AS values,
  COLLECT { MATCH (g:BuyingGroup {company_id: account})<-[h:HAS_ROLE_IN|MEMBER_OF]-(p:Person)-[v:PERSON_VALUE]->(f:Field)
            WHERE h.valid_from <= $as_of < h.valid_to AND h.recorded_at <= $known_at < h.retracted_at
              AND v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at
            RETURN [p.id, f.id, v.confidence, v.valid_from, v.origin, v.number] LIMIT $most } AS values_of_listed,
  COLLECT { MATCH (g:BuyingGroup {company_id: account})
            WHERE g.since <= $known_at
            RETURN [g.id, g.name, g.product_id, g.template_id] LIMIT $most } AS groups,
  COLLECT { MATCH (g:BuyingGroup {company_id: account})<-[r:HAS_ROLE_IN]-(p:Person)
            WHERE r.valid_from <= $as_of < r.valid_to AND r.recorded_at <= $known_at < r.retracted_at
            RETURN [g.id, p.id, coalesce(p.name, p.id), r.role, r.role_confidence, r.authority, r.step, r.key, r.valid_from, r.origin, coalesce(p.do_not_contact OR toLower(p.legal_basis) IN $barring, false)] LIMIT $most } AS roles,
  COLLECT { MATCH (g:BuyingGroup {company_id: account})<-[m:MEMBER_OF]-(p:Person)
            WHERE m.valid_from <= $as_of < m.valid_to AND m.recorded_at <= $known_at < m.retracted_at
            RETURN [g.id, p.id, coalesce(p.name, p.id), m.stance, m.power, m.confidence, m.valid_from, m.origin, coalesce(p.do_not_contact OR toLower(p.legal_basis) IN $barring, false)] LIMIT $most } AS members
ORDER BY account LIMIT $most
