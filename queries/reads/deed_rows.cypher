// deeds: what each of these people took part in of some types while none of ours, whether a rival held it or one of us or a direction was named, and where they work
// :params { ids: ["li"], types: ["registration"], between: ["message"], since: -62135596800000000, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, seen_at: 1795000000000000, seen_known: 1795000000000000, granted: false, territories: [], most: 100000 }
UNWIND $ids AS id
MATCH (p:Person {id: id})
WITH id, p, COLLECT { MATCH (p)-[w:WORKS_AT]->(u:Us)
                      WHERE w.valid_from <= $as_of AND w.valid_to >= $since AND w.recorded_at <= $known_at < w.retracted_at
                      RETURN [w.valid_from, w.valid_to] } AS served
RETURN id AS anchor, coalesce(p.name, p.id) AS name, any(job IN served WHERE job[0] <= $as_of < job[1]) AS ours,
  COLLECT { MATCH (p)-[w:WORKS_AT]->(c:Company)
            WHERE w.valid_from <= $as_of < w.valid_to AND w.recorded_at <= $known_at < w.retracted_at
              AND NOT c:Us AND ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
            RETURN [c.id, coalesce(c.name, c.id), c.value,
                    COLLECT { MATCH (c)-[v:COMPANY_VALUE]->(f:Field {id: 'TIER'})
                              WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at
                              RETURN toInteger(v.number) ORDER BY v.confidence DESC, v.valid_from DESC, v.value LIMIT 1 }[0],
                    w.valid_from, w.origin]
            ORDER BY w.confidence DESC, w.valid_from DESC, c.id LIMIT $most } AS employers,
  COLLECT { MATCH (p)-[t:TOOK_PART]->(i:Interaction)
            WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
              AND i.at <= $as_of AND i.type IN $types AND (none(job IN served WHERE job[0] <= i.at < job[1]))
            WITH i, collect(DISTINCT t.part) AS parts, min(t.origin) AS origin
            OPTIONAL MATCH (c:Campaign {id: i.campaign_id})
            OPTIONAL MATCH (d:Product {id: i.product_id})
            WHERE ($everywhere OR EXISTS { MATCH (m:Company {id: d.company_id}) WHERE ($everywhere OR m.territory_id IN $territories OR ($granted AND (m:Us OR (m.territory_id = '' AND NOT m:Account)))) })
            RETURN [i.id, i.type, i.at, i.status, CASE WHEN i:Broadcast THEN 'broadcast' ELSE i.noise END, i.minutes, parts, origin,
                    coalesce(i.subject, c.name, i.topic), i.campaign_id, c.name, c.type, coalesce(c.topics, []), coalesce(c.product_ids, []),
                    d.id, i.topic, i.location, i.utm_source, i.utm_medium,
                    CASE WHEN EXISTS { MATCH (o:Company) WHERE o.id IN c.organiser_ids AND ($everywhere OR o.territory_id IN $territories OR ($granted AND (o:Us OR (o.territory_id = '' AND NOT o:Account)))) }
                         THEN EXISTS { MATCH (o:Company) WHERE o.id IN c.organiser_ids AND o:Competitor AND ($everywhere OR o.territory_id IN $territories OR ($granted AND (o:Us OR (o.territory_id = '' AND NOT o:Account)))) }
                              AND NOT EXISTS { MATCH (o:Company) WHERE o.id IN c.organiser_ids AND o:Us }
                         ELSE EXISTS { MATCH (o:Company {id: d.company_id}) WHERE o:Competitor } END,
                    NOT i.type IN $between OR i.direction IS NOT NULL
                    OR EXISTS { MATCH (i)<-[t:TOOK_PART]-(q:Person)
                                WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
                                MATCH (q)-[w:WORKS_AT]->(u:Us)
                                WHERE w.valid_from <= $as_of AND w.valid_to >= $since AND w.recorded_at <= $known_at < w.retracted_at
                                  AND w.valid_from <= i.at < w.valid_to
                                AND ($everywhere
                                  OR ($granted AND NOT EXISTS { MATCH (q)-[was:WORKS_AT]->(:Company) WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at })
                                  OR EXISTS { MATCH (q)-[was:WORKS_AT]->(employer:Company)
                                    WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at AND ($everywhere OR employer.territory_id IN $territories OR ($granted AND (employer:Us OR (employer.territory_id = '' AND NOT employer:Account))))
                                      AND (was.valid_to > $seen_at OR NOT EXISTS { MATCH (q)-[now:WORKS_AT]->(:Company) WHERE now.valid_from <= $seen_at < now.valid_to AND now.recorded_at <= $seen_known < now.retracted_at }) }) }] LIMIT $most } AS deeds
ORDER BY anchor LIMIT $most
