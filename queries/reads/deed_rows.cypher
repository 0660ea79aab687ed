// deeds: what each of these people took part in of some types, about what it was, whether a rival held it, and where they work
// :params { ids: ["li"], types: ["registration"], as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 100000 }
UNWIND $ids AS id
MATCH (p:Person {id: id})
RETURN id AS anchor, coalesce(p.name, p.id) AS name,
  EXISTS { MATCH (p)-[w:WORKS_AT]->(u:Us)
           WHERE w.valid_from <= $as_of < w.valid_to AND w.recorded_at <= $known_at < w.retracted_at } AS ours,
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
              AND i.at <= $as_of AND i.type IN $types
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
                         ELSE EXISTS { MATCH (o:Company {id: d.company_id}) WHERE o:Competitor } END] LIMIT $most } AS deeds
ORDER BY anchor LIMIT $most
