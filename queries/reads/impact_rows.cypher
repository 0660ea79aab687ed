// campaign impact: who did what within each of these campaigns, where they worked then and which roles they held there; of who ever worked for us, each deed
// :params { ids: ["x"], types: ["registration"], since: -62135596800000000, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, seen_at: 1795000000000000, seen_known: 1795000000000000, granted: false, territories: [], most: 1000000 }
UNWIND $ids AS id
MATCH (n:Campaign {id: id})
RETURN id AS campaign, n.starts_at AS starts_at, n.ends_at AS ends_at,
  COLLECT { MATCH (i:Interaction {campaign_id: id})<-[t:TOOK_PART]-(p:Person)
            WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
              AND i.at <= $as_of AND i.type IN $types AND i.status IN ['held', 'accepted', 'open'] AND i.noise IS NULL
              AND NOT EXISTS { MATCH (p)-[w:WORKS_AT]->(u:Us)
                               WHERE w.valid_from <= $as_of AND w.valid_to >= $since AND w.recorded_at <= $known_at < w.retracted_at
                                 AND w.valid_from <= i.at < w.valid_to }
              AND ($everywhere
                OR ($granted AND NOT EXISTS { MATCH (p)-[was:WORKS_AT]->(:Company) WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at })
                OR EXISTS { MATCH (p)-[was:WORKS_AT]->(employer:Company)
                  WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at AND ($everywhere OR employer.territory_id IN $territories OR ($granted AND (employer:Us OR (employer.territory_id = '' AND NOT employer:Account))))
                    AND (was.valid_to > $seen_at OR NOT EXISTS { MATCH (p)-[now:WORKS_AT]->(:Company) WHERE now.valid_from <= $seen_at < now.valid_to AND now.recorded_at <= $seen_known < now.retracted_at }) })
            WITH p, CASE WHEN NOT $everywhere AND EXISTS {
              MATCH (p)-[w:WORKS_AT]->(u:Us)
              WHERE w.valid_from <= $as_of AND w.valid_to >= $since AND w.recorded_at <= $known_at < w.retracted_at } THEN i.id END AS deed,
              collect(DISTINCT i.type) AS done, collect(DISTINCT i.at) AS times
            WITH p, deed, done, times, COLLECT { MATCH (p)-[w:WORKS_AT]->(c:Company)
                                    WHERE w.valid_from <= $as_of AND w.valid_to >= $since AND w.recorded_at <= $known_at < w.retracted_at
                                      AND any(at IN times WHERE w.valid_from <= at < w.valid_to)
                                    RETURN [c.id, coalesce(c.name, c.id), c:Account, ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))]
                                    ORDER BY w.confidence DESC, w.valid_from DESC, c.id LIMIT 100 } AS jobs
            RETURN [p.id, deed, done, [job IN jobs WHERE job[3]],
                    COLLECT { MATCH (p)-[h:HAS_ROLE_IN]->(g:BuyingGroup)
                              WHERE h.valid_from <= $as_of AND h.valid_to >= $since AND h.recorded_at <= $known_at < h.retracted_at
                                AND any(at IN times WHERE h.valid_from <= at < h.valid_to)
                                AND h.role_confidence >= 0.3 AND any(job IN jobs WHERE job[3] AND job[0] = g.company_id)
                              RETURN DISTINCT h.role LIMIT 100 }] LIMIT $most } AS people
ORDER BY campaign LIMIT $most
