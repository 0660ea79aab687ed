// changes: who held which role in each account's default group within a span, whether they may be contacted, and until when they agreed to it
// :params { accounts: ["krackhardt"], since: 1758000000000000, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, territories: [], most: 1000000, barring: ["withdrawn"] }
UNWIND $accounts AS account
MATCH (c:Company {id: account})
WHERE $everywhere OR c.territory_id IN $territories
RETURN account AS account,
  COLLECT { MATCH (g:BuyingGroup {id: account})
            WHERE g.since <= $known_at
            RETURN g.template_id LIMIT $most } AS templates,
  COLLECT { MATCH (:BuyingGroup {id: account})<-[h:HAS_ROLE_IN]-(p:Person)
            WHERE h.valid_from <= $as_of AND h.valid_to >= $since AND h.recorded_at <= $known_at < h.retracted_at
            RETURN [p.id, h.role, h.role_confidence, h.valid_from, h.valid_to, coalesce(p.do_not_contact OR toLower(p.legal_basis) IN $barring, false), COLLECT {
              MATCH (p)-[v:PERSON_VALUE]->(:Field {id: 'CONSENT_UNTIL'})
              WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at
              RETURN [v.confidence, v.valid_from, -v.number] }] LIMIT $most } AS holders
ORDER BY account LIMIT $most
