// book: whether each of these people works for us, and at which accounts they were in touch with somebody who holds a role; with whom of ours, at what
// :params { ids: ["lin"], types: ["meeting"], statuses: ["held"], since: -62135596800000000, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, seen_at: 1795000000000000, seen_known: 1795000000000000, granted: false, territories: [], most: 100000 }
UNWIND $ids AS id
MATCH (p:Person {id: id})
RETURN id AS person,
  EXISTS { MATCH (p)-[w:WORKS_AT]->(u:Us)
           WHERE w.valid_from <= $as_of < w.valid_to AND w.recorded_at <= $known_at < w.retracted_at } AS ours,
  COLLECT { MATCH (p)-[t:TOOK_PART]->(i:Interaction)
            WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
              AND i.at <= $as_of AND i.noise IS NULL AND i.type IN $types AND i.status IN $statuses
            MATCH (i)<-[o:TOOK_PART]-(q:Person)
            WHERE o.valid_from <= $as_of < o.valid_to AND o.recorded_at <= $known_at < o.retracted_at
            WITH DISTINCT q, CASE WHEN NOT $everywhere AND EXISTS {
              MATCH (q)-[w:WORKS_AT]->(u:Us)
              WHERE w.valid_from <= $as_of AND w.valid_to >= $since AND w.recorded_at <= $known_at < w.retracted_at } THEN i.id END AS at
            MATCH (q)-[h:HAS_ROLE_IN]->(g:BuyingGroup)
            WHERE h.valid_from <= $as_of < h.valid_to AND h.recorded_at <= $known_at < h.retracted_at AND g.id = g.company_id
              AND ($everywhere
                OR ($granted AND NOT EXISTS { MATCH (q)-[was:WORKS_AT]->(:Company) WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at })
                OR EXISTS { MATCH (q)-[was:WORKS_AT]->(employer:Company)
                  WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at AND ($everywhere OR employer.territory_id IN $territories OR ($granted AND (employer:Us OR (employer.territory_id = '' AND NOT employer:Account))))
                    AND (was.valid_to > $seen_at OR NOT EXISTS { MATCH (q)-[now:WORKS_AT]->(:Company) WHERE now.valid_from <= $seen_at < now.valid_to AND now.recorded_at <= $seen_known < now.retracted_at }) })
            WITH DISTINCT g.company_id AS company, at
            MATCH (c:Company {id: company})
            WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
            RETURN [company, at] ORDER BY company, at LIMIT $most } AS met
ORDER BY person LIMIT $most
