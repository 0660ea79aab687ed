// touches: what happened at which the people of each account took part, with everybody who did; who is or was one of us bears the end of that job
// :params { accounts: ["bank"], types: ["meeting"], statuses: ["held"], since: -62135596800000000, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], crowd: 500, most: 1000000 }
UNWIND $accounts AS account
MATCH (c:Company {id: account})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
RETURN account AS anchor,
  COLLECT { CALL (c) { MATCH (c)<-[j:WORKS_AT]-(p:Person)
                       WHERE j.valid_from <= $as_of < j.valid_to AND j.recorded_at <= $known_at < j.retracted_at
                       RETURN p
                       UNION
                       MATCH (g:BuyingGroup {company_id: c.id})<-[h:HAS_ROLE_IN|MEMBER_OF]-(p:Person)
                       WHERE h.valid_from <= $as_of < h.valid_to AND h.recorded_at <= $known_at < h.retracted_at
                       RETURN p }
            MATCH (p)-[t:TOOK_PART]->(i:Interaction)
            WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
              AND i.at <= $as_of AND i.noise IS NULL AND i.type IN $types AND i.status IN $statuses
            WITH DISTINCT i
            RETURN [i.id, i.type, i.at, i.status, i.direction, coalesce(i.subject, i.topic), i.company_id, COLLECT {
              MATCH (i)<-[t:TOOK_PART]-(q:Person)
              WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
              WITH q, t, COLLECT { MATCH (q)-[w:WORKS_AT]->(u:Us)
                                   WHERE w.valid_from <= $as_of AND w.valid_to >= $since AND w.recorded_at <= $known_at < w.retracted_at
                                   RETURN w.valid_to ORDER BY w.valid_to DESC LIMIT 1 }[0] AS until
              RETURN [q.id, t.part, t.confidence, t.origin, until, CASE WHEN until IS NOT NULL THEN coalesce(q.name, q.id) END] LIMIT $crowd }] LIMIT $most } AS events
ORDER BY anchor LIMIT $most
