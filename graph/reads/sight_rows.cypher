// sight: which of these people, companies, products and opportunities may not be seen, and who of the people ever worked for us
// :params { people: ["li"], companies: ["bank"], products: ["crm"], deals: ["deal"], as_of: 1795000000000000, known_at: 1795000000000000, everywhere: false, seen_at: 1795000000000000, seen_known: 1795000000000000, granted: false, territories: ["north"], most: 1000000 }
RETURN
  COLLECT { UNWIND $people AS id
            MATCH (p:Person {id: id})
            WHERE NOT ($everywhere
              OR ($granted AND NOT EXISTS { MATCH (p)-[was:WORKS_AT]->(:Company) WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at })
              OR EXISTS { MATCH (p)-[was:WORKS_AT]->(employer:Company)
                WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at AND ($everywhere OR employer.territory_id IN $territories OR ($granted AND (employer:Us OR (employer.territory_id = '' AND NOT employer:Account))))
                  AND (was.valid_to > $seen_at OR NOT EXISTS { MATCH (p)-[now:WORKS_AT]->(:Company) WHERE now.valid_from <= $seen_at < now.valid_to AND now.recorded_at <= $seen_known < now.retracted_at }) })
            RETURN id AS id ORDER BY id LIMIT $most } AS people,
  COLLECT { UNWIND $people AS id
            MATCH (p:Person {id: id})-[w:WORKS_AT]->(u:Us)
            WHERE w.valid_from <= $as_of AND w.recorded_at <= $known_at < w.retracted_at
            RETURN DISTINCT id AS id ORDER BY id LIMIT $most } AS house,
  COLLECT { UNWIND $companies AS id
            MATCH (c:Company {id: id})
            WHERE NOT ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
            RETURN id AS id ORDER BY id LIMIT $most } AS companies,
  COLLECT { UNWIND $products AS id
            MATCH (p:Product {id: id})
            WHERE NOT EXISTS { MATCH (c:Company {id: p.company_id}) WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account)))) }
            RETURN id AS id ORDER BY id LIMIT $most } AS products,
  COLLECT { UNWIND $deals AS id
            MATCH (o:Opportunity {id: id})
            WHERE NOT EXISTS { MATCH (c:Company {id: o.company_id}) WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account)))) }
            RETURN id AS id ORDER BY id LIMIT $most } AS deals
LIMIT 1
