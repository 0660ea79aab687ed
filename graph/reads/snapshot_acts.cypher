// snapshot: what the people of these ranges of ids took part in, none of ours, each with what it was between them and us; a rival's sign-ups and the like are not ours
// :params { spans: [["a", "b"]], types: ["message"], deeds: ["registration"], refusal: "unsubscribe", dates: ["meeting"], agreed: ["planned"], crowd: 500, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [] }
UNWIND $spans AS span
MATCH (p:Person)
WHERE span[0] <= p.id <= span[1]
  AND NOT EXISTS { MATCH (p)-[w:WORKS_AT]->(u:Us)
                   WHERE w.valid_from <= $as_of < w.valid_to AND w.recorded_at <= $known_at < w.retracted_at }
WITH p
MATCH (p)-[t:TOOK_PART]->(i:Interaction)
WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
  AND (i.type = $refusal OR (i.noise IS NULL AND NOT i:Broadcast AND i.type IN $types))
  AND (i.at <= $as_of OR (i.type IN $dates AND i.status IN $agreed))
WITH p, i, collect(DISTINCT t.part) AS parts
WHERE NOT (i.type IN $deeds AND CASE
  WHEN i.campaign_id IS NOT NULL AND EXISTS { MATCH (k:Campaign {id: i.campaign_id}) MATCH (o:Company) WHERE o.id IN k.organiser_ids AND ($everywhere OR o.territory_id IN $territories OR ($granted AND (o:Us OR (o.territory_id = '' AND NOT o:Account)))) }
  THEN EXISTS { MATCH (k:Campaign {id: i.campaign_id}) MATCH (o:Competitor) WHERE o.id IN k.organiser_ids AND ($everywhere OR o.territory_id IN $territories OR ($granted AND (o:Us OR (o.territory_id = '' AND NOT o:Account)))) }
       AND NOT EXISTS { MATCH (k:Campaign {id: i.campaign_id}) MATCH (o:Us) WHERE o.id IN k.organiser_ids }
  WHEN i.product_id IS NOT NULL
  THEN EXISTS { MATCH (d:Product {id: i.product_id}) MATCH (o:Competitor {id: d.company_id}) WHERE ($everywhere OR o.territory_id IN $territories OR ($granted AND (o:Us OR (o.territory_id = '' AND NOT o:Account)))) }
  ELSE false END)
RETURN collect([p.id, i.id, i.type, i.at, i.status, CASE i.type WHEN $refusal THEN coalesce(i.utm_medium, '') ELSE coalesce(i.topic, '') END, coalesce(i.direction, ''), parts,
                COLLECT { MATCH (i)<-[t:TOOK_PART]-(q:Person)
                          WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
                            AND EXISTS { MATCH (q)-[w:WORKS_AT]->(u:Us)
                                         WHERE w.valid_from <= $as_of < w.valid_to AND w.recorded_at <= $known_at < w.retracted_at }
                          RETURN DISTINCT t.part ORDER BY t.part LIMIT $crowd }]) AS acts
ORDER BY acts LIMIT 1
