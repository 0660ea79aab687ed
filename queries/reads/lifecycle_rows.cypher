// lifecycle: which products of ours these accounts use, used or bought, and tickets of theirs and of people who worked there then
// :params { accounts: ["x"], since: -62135596800000000, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, seen_at: 1795000000000000, seen_known: 1795000000000000, granted: false, territories: [], most: 100000 }
UNWIND $accounts AS account
MATCH (c:Company {id: account})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
RETURN account AS account, coalesce(c.name, c.id) AS name,
  COLLECT { MATCH (c)-[u:USES]->(p:Product)
            WHERE u.valid_from <= $as_of AND u.valid_to >= $since AND u.recorded_at <= $known_at < u.retracted_at
              AND EXISTS { MATCH (s:Company {id: p.company_id}) WHERE s:Us }
            RETURN [u.key, p.id, coalesce(p.name, p.id), u.valid_from, u.valid_to, u.renewal_on, u.satisfaction, u.confidence, u.origin]
            ORDER BY u.valid_from, u.key LIMIT $most } AS uses,
  COLLECT { MATCH (c)-[b:BOUGHT]->(p:Product)
            WHERE b.valid_from <= $as_of < b.valid_to AND b.recorded_at <= $known_at < b.retracted_at AND b.bought_on <= $as_of
              AND EXISTS { MATCH (s:Company {id: p.company_id}) WHERE s:Us }
            RETURN [b.key, p.id, coalesce(p.name, p.id), b.bought_on, b.origin]
            ORDER BY b.bought_on, b.key LIMIT $most } AS purchases,
  COLLECT { CALL (c) { MATCH (i:Interaction {company_id: c.id})
                       RETURN i
                       UNION
                       MATCH (c)<-[j:WORKS_AT]-(p:Person)
                       WHERE j.valid_from <= $as_of AND j.valid_to >= $since AND j.recorded_at <= $known_at < j.retracted_at
                       MATCH (p)-[t:TOOK_PART]->(i:Interaction)
                       WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
                         AND j.valid_from <= i.at < j.valid_to
                         AND ($everywhere
                           OR ($granted AND NOT EXISTS { MATCH (p)-[was:WORKS_AT]->(:Company) WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at })
                           OR EXISTS { MATCH (p)-[was:WORKS_AT]->(employer:Company)
                             WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at AND ($everywhere OR employer.territory_id IN $territories OR ($granted AND (employer:Us OR (employer.territory_id = '' AND NOT employer:Account))))
                               AND (was.valid_to > $seen_at OR NOT EXISTS { MATCH (p)-[now:WORKS_AT]->(:Company) WHERE now.valid_from <= $seen_at < now.valid_to AND now.recorded_at <= $seen_known < now.retracted_at }) })
                       RETURN i }
            WITH DISTINCT i
            WHERE i.type = 'ticket' AND i.at <= $as_of AND i.since <= $known_at AND i.status <> 'cancelled'
              AND (i.company_id IS NULL OR i.company_id = c.id)
            RETURN [i.id, i.at, i.severity, coalesce(i.subject, i.topic), COLLECT {
              MATCH (i)<-[t:TOOK_PART]-(:Person)
              WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
              RETURN t.origin ORDER BY t.origin LIMIT 1 }[0]]
            ORDER BY i.at DESC, i.id LIMIT $most } AS tickets
ORDER BY account LIMIT $most
