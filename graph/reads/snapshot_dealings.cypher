// snapshot: what people of these ranges of ids took part in that concerned competitors or partners, who are named with their products and people
// :params { spans: [["a", "b"]], companies: ["rival"], products: ["theirs"], people: ["ria"], apart: ["ticket"], statuses: ["held"], circle: 50, since: -62135596800000000, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, seen_at: 1795000000000000, seen_known: 1795000000000000, granted: false, territories: [] }
UNWIND $spans AS span
MATCH (p:Person)
WHERE span[0] <= p.id <= span[1]
MATCH (p)-[t:TOOK_PART]->(i:Interaction)
WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
  AND i.at <= $as_of AND i.noise IS NULL AND i.status IN $statuses AND NOT i.type IN $apart
WITH p, i, max(t.confidence) AS sure
WITH p, i, sure, CASE WHEN i.company_id IN $companies THEN [i.company_id] ELSE [] END
  + COLLECT { MATCH (m:Product {id: i.product_id}) WHERE m.id IN $products RETURN m.company_id }
  + COLLECT { MATCH (k:Campaign {id: i.campaign_id}) UNWIND k.organiser_ids AS organiser WITH organiser WHERE organiser IN $companies RETURN organiser }
  + COLLECT { MATCH (i)<-[o:TOOK_PART]-(q:Person)
              WHERE o.valid_from <= $as_of < o.valid_to AND o.recorded_at <= $known_at < o.retracted_at AND q.id IN $people AND q <> p
                AND COUNT { MATCH (i)<-[t:TOOK_PART]-(x:Person)
                            WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
                              AND ($everywhere
                                OR ($granted AND NOT EXISTS { MATCH (x)-[was:WORKS_AT]->(:Company) WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at })
                                OR EXISTS { MATCH (x)-[was:WORKS_AT]->(employer:Company)
                                  WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at AND ($everywhere OR employer.territory_id IN $territories OR ($granted AND (employer:Us OR (employer.territory_id = '' AND NOT employer:Account))))
                                    AND (was.valid_to > $seen_at OR NOT EXISTS { MATCH (x)-[now:WORKS_AT]->(:Company) WHERE now.valid_from <= $seen_at < now.valid_to AND now.recorded_at <= $seen_known < now.retracted_at }) }) } <= $circle
              MATCH (q)-[w:WORKS_AT]->(c:Company)
              WHERE w.valid_from <= $as_of AND w.valid_to >= $since AND w.recorded_at <= $known_at < w.retracted_at
                AND w.valid_from <= i.at < w.valid_to AND c.id IN $companies
              RETURN c.id } AS found
UNWIND found AS company
WITH DISTINCT p, i, sure, company
RETURN collect([p.id, company, coalesce(i.campaign_id, i.id), i.at, sure, i.id]) AS rows
ORDER BY rows LIMIT 1
