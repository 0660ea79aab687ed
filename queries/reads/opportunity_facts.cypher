// opportunity: what these opportunities are; of several words about a dated value the surest, then the latest
// :params { ids: ["x"], as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 1000 }
UNWIND $ids AS id
MATCH (o:Opportunity {id: id})
MATCH (c:Company {id: o.company_id})
WHERE o.outcome IS NOT NULL AND ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
OPTIONAL MATCH (p:Product {id: o.product_id})
WITH o, c, p, COLLECT { MATCH (o)-[v:OPPORTUNITY_VALUE]->(f:Field {id: 'OWNER'})
            WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at
            RETURN v.value ORDER BY v.confidence DESC, v.valid_from DESC, v.value LIMIT 1 }[0] AS owned_by
OPTIONAL MATCH (own:Person {id: owned_by})
OPTIONAL MATCH (u:Person {id: coalesce(own.id, COLLECT { MATCH (a:Alias {name: owned_by}) WHERE a.label = 'Person'
                                                         RETURN a.entity_id ORDER BY a.record LIMIT 1 }[0])})
RETURN o.id AS id, o.name AS name, [c.id, c.name] AS company, CASE WHEN p IS NOT NULL THEN [p.id, p.name] END AS product,
  coalesce(o.group_id, o.id) AS group_id, o.outcome AS outcome,
  COLLECT { MATCH (o)-[v:OPPORTUNITY_VALUE]->(f:Field {id: 'STAGE'})
            WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at
            RETURN v.value ORDER BY v.confidence DESC, v.valid_from DESC, v.value LIMIT 1 }[0] AS stage,
  COLLECT { MATCH (o)-[v:OPPORTUNITY_VALUE]->(f:Field {id: 'AMOUNT'})
            WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at
            RETURN v.number ORDER BY v.confidence DESC, v.valid_from DESC, v.value LIMIT 1 }[0] AS amount,
  o.currency AS currency, o.opened_on AS opened_on,
  COLLECT { MATCH (o)-[v:OPPORTUNITY_VALUE]->(f:Field {id: 'CLOSE_ON'})
            WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at
            RETURN v.number ORDER BY v.confidence DESC, v.valid_from DESC, v.value LIMIT 1 }[0] AS close_on,
  CASE WHEN u IS NOT NULL THEN [u.id, u.name] END AS owner, coalesce(o.competitor_ids, []) AS competitor_ids
ORDER BY id LIMIT $most
