// changes: who held which role in each account's default group within a span, whether they may be contacted, and until when they agreed to it
// :params { accounts: ["krackhardt"], since: 1758000000000000, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, seen_at: 1795000000000000, seen_known: 1795000000000000, granted: false, territories: [], most: 1000000, barring: ["withdrawn"] }
UNWIND $accounts AS account
MATCH (c:Company {id: account})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
RETURN account AS account,
  COLLECT { MATCH (g:BuyingGroup {id: account})
            WHERE g.since <= $known_at
            RETURN g.template_id LIMIT $most } AS templates,
  COLLECT { MATCH (:BuyingGroup {id: account})<-[h:HAS_ROLE_IN]-(p:Person)
            WHERE h.valid_from <= $as_of AND h.valid_to >= $since AND h.recorded_at <= $known_at < h.retracted_at
              AND ($everywhere
                OR ($granted AND NOT EXISTS { MATCH (p)-[was:WORKS_AT]->(:Company) WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at })
                OR EXISTS { MATCH (p)-[was:WORKS_AT]->(employer:Company)
                  WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at AND ($everywhere OR employer.territory_id IN $territories OR ($granted AND (employer:Us OR (employer.territory_id = '' AND NOT employer:Account))))
                    AND (was.valid_to > $seen_at OR NOT EXISTS { MATCH (p)-[now:WORKS_AT]->(:Company) WHERE now.valid_from <= $seen_at < now.valid_to AND now.recorded_at <= $seen_known < now.retracted_at }) })
            RETURN [p.id, h.role, h.role_confidence, h.valid_from, h.valid_to, coalesce(p.do_not_contact OR toLower(p.legal_basis) IN $barring, false), COLLECT {
              MATCH (p)-[v:PERSON_VALUE]->(:Field {id: 'CONSENT_UNTIL'})
              WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at
              RETURN [v.confidence, v.valid_from, -v.number] }] LIMIT $most } AS holders
ORDER BY account LIMIT $most
