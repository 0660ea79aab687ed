// exposure: of these accounts what they use of a competitor's, who decides there and was in touch with it or worked there, who serves them and sells it
// :params { accounts: ["hengchang"], rival: "stratos", people: ["luo-yong"], statuses: ["held"], apart: ["ticket"], circle: 50, recent: 10, since: -62135596800000000, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, seen_at: 1795000000000000, seen_known: 1795000000000000, granted: false, territories: [], most: 100000 }
MATCH (rival:Company {id: $rival})
WITH rival
UNWIND $accounts AS account
MATCH (c:Company {id: account})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
RETURN account AS account,
  COLLECT { MATCH (c)-[u:USES]->(m:Product)
            WHERE u.valid_from <= $as_of AND u.valid_to >= $since AND u.recorded_at <= $known_at < u.retracted_at AND m.company_id = $rival
            RETURN [u.key, m.id, coalesce(m.name, m.id), u.valid_from, u.valid_to, u.origin, u.seat_share, u.renewal_on, u.satisfaction]
            ORDER BY u.valid_to DESC, u.valid_from DESC, u.key LIMIT $most } AS installed,
  COLLECT { MATCH (g:BuyingGroup {id: account})<-[h:HAS_ROLE_IN]-(p:Person)-[t:TOOK_PART]->(i:Interaction)
            WHERE p.id IN $people AND h.valid_from <= $as_of < h.valid_to AND h.recorded_at <= $known_at < h.retracted_at
              AND t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
              AND i.at <= $as_of AND i.noise IS NULL AND i.status IN $statuses AND NOT i.type IN $apart
            WITH DISTINCT p, i, min(t.origin) AS origin
            WHERE i.company_id = $rival OR EXISTS { MATCH (m:Product {id: i.product_id}) WHERE m.company_id = $rival }
              OR EXISTS { MATCH (k:Campaign {id: i.campaign_id}) WHERE $rival IN k.organiser_ids }
              OR EXISTS { MATCH (i)<-[o:TOOK_PART]-(q:Person)-[w:WORKS_AT]->(rival)
                          WHERE o.valid_from <= $as_of < o.valid_to AND o.recorded_at <= $known_at < o.retracted_at AND q <> p
                            AND ($everywhere
                              OR ($granted AND NOT EXISTS { MATCH (q)-[was:WORKS_AT]->(:Company) WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at })
                              OR EXISTS { MATCH (q)-[was:WORKS_AT]->(employer:Company)
                                WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at AND ($everywhere OR employer.territory_id IN $territories OR ($granted AND (employer:Us OR (employer.territory_id = '' AND NOT employer:Account))))
                                  AND (was.valid_to > $seen_at OR NOT EXISTS { MATCH (q)-[now:WORKS_AT]->(:Company) WHERE now.valid_from <= $seen_at < now.valid_to AND now.recorded_at <= $seen_known < now.retracted_at }) })
                            AND w.valid_from <= $as_of AND w.valid_to >= $since AND w.recorded_at <= $known_at < w.retracted_at
                            AND w.valid_from <= i.at < w.valid_to
                            AND COUNT { MATCH (i)<-[t:TOOK_PART]-(x:Person)
                                        WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
                                          AND ($everywhere
                                            OR ($granted AND NOT EXISTS { MATCH (x)-[was:WORKS_AT]->(:Company) WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at })
                                            OR EXISTS { MATCH (x)-[was:WORKS_AT]->(employer:Company)
                                              WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at AND ($everywhere OR employer.territory_id IN $territories OR ($granted AND (employer:Us OR (employer.territory_id = '' AND NOT employer:Account))))
                                                AND (was.valid_to > $seen_at OR NOT EXISTS { MATCH (x)-[now:WORKS_AT]->(:Company) WHERE now.valid_from <= $seen_at < now.valid_to AND now.recorded_at <= $seen_known < now.retracted_at }) }) } <= $circle }
            RETURN [i.id, i.type, i.at, coalesce(i.subject, i.topic), origin, p.id, coalesce(p.name, p.id)] ORDER BY i.at DESC, i.id, p.id LIMIT $recent } AS events,
  COLLECT { MATCH (g:BuyingGroup {id: account})<-[h:HAS_ROLE_IN]-(p:Person)-[w:WORKS_AT]->(rival)
            WHERE p.id IN $people AND h.valid_from <= $as_of < h.valid_to AND h.recorded_at <= $known_at < h.retracted_at
              AND w.valid_from <= $as_of AND w.valid_to >= $since AND w.recorded_at <= $known_at < w.retracted_at
            RETURN DISTINCT [w.key, p.id, coalesce(p.name, p.id), w.valid_from, w.valid_to, w.origin, w.title] AS job ORDER BY job[3], job[1], job[0] LIMIT $most } AS jobs,
  COLLECT { MATCH (c)<-[s:SERVES]-(o:Company)-[r:RESELLS|PARTNERS_WITH]-(rival)
            WHERE s.valid_from <= $as_of < s.valid_to AND s.recorded_at <= $known_at < s.retracted_at
              AND r.valid_from <= $as_of < r.valid_to AND r.recorded_at <= $known_at < r.retracted_at
              AND (type(r) = 'PARTNERS_WITH' OR startNode(r) = o) AND ($everywhere OR o.territory_id IN $territories OR ($granted AND (o:Us OR (o.territory_id = '' AND NOT o:Account))))
            OPTIONAL MATCH (p:Product {id: r.product_id})
            WHERE ($everywhere OR EXISTS { MATCH (m:Company {id: p.company_id}) WHERE ($everywhere OR m.territory_id IN $territories OR ($granted AND (m:Us OR (m.territory_id = '' AND NOT m:Account)))) })
            RETURN DISTINCT [r.key, o.id, coalesce(o.name, o.id), r.valid_from, r.origin, type(r), [r.from_ref, r.to_ref], r.product_id IS NOT NULL AND p IS NULL] AS link
            ORDER BY link[1], link[3], link[5], link[7], link[0] LIMIT $most } AS partners,
  COLLECT { MATCH (c)<-[s:SERVES]-(o:Company)
            WHERE s.valid_from <= $as_of < s.valid_to AND s.recorded_at <= $known_at < s.retracted_at
              AND ($everywhere OR o.territory_id IN $territories OR ($granted AND (o:Us OR (o.territory_id = '' AND NOT o:Account))))
            RETURN DISTINCT [s.key, o.id, coalesce(o.name, o.id), s.valid_from, s.origin] AS link ORDER BY link[1], link[3], link[0] LIMIT $most } AS serving
ORDER BY account LIMIT $most
