// conflicts: which of these things may not be seen: companies out of scope, their deals, and people whose every job is at such
// :params { ids: ["bank"], as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, territories: [], most: 1000000 }
RETURN
  COLLECT { UNWIND $ids AS id
            CALL (id) {
              MATCH (c:Company {id: id})
              WHERE NOT $everywhere AND NOT c.territory_id IN $territories
              RETURN 'Company' AS kind
              UNION
              MATCH (o:Opportunity {id: id})
              MATCH (c:Company {id: o.company_id})
              WHERE NOT $everywhere AND NOT c.territory_id IN $territories
              RETURN 'Opportunity' AS kind
              UNION
              MATCH (p:Person {id: id})-[w:WORKS_AT]->(c:Company)
              WHERE w.valid_from <= $as_of < w.valid_to AND w.recorded_at <= $known_at < w.retracted_at
              WITH p, collect(c.territory_id) AS territories
              WHERE NOT $everywhere AND none(territory IN territories WHERE territory IN $territories)
              RETURN 'Person' AS kind
            }
            RETURN [kind, id] ORDER BY id, kind LIMIT $most } AS hidden
ORDER BY size(hidden) LIMIT 1
