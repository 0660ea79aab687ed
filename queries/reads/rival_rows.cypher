// rivals: how these people are bound to a competitor, and what these companies use of its products
// :params { rival: "stratos", people: ["karl-bauer"], companies: ["linghai"], since: -62135596800000000, as_of: 1795000000000000, known_at: 1795000000000000, most: 100000 }
MATCH (rival:Company {id: $rival})
RETURN
  COLLECT { MATCH (p:Person)-[a:AFFILIATED_WITH]->(rival)
            WHERE p.id IN $people AND a.valid_from <= $as_of AND a.valid_to >= $since AND a.recorded_at <= $known_at < a.retracted_at
            RETURN [a.key, p.id, coalesce(p.name, p.id), a.kind, a.valid_from, a.valid_to, a.origin] AS tie ORDER BY a.valid_to DESC, a.key LIMIT $most }
  + COLLECT { MATCH (p:Person)-[w:WORKS_AT]->(rival)
              WHERE p.id IN $people AND w.valid_from <= $as_of AND w.valid_to >= $since AND w.recorded_at <= $known_at < w.retracted_at
              RETURN [w.key, p.id, coalesce(p.name, p.id), 'job', w.valid_from, w.valid_to, w.origin] AS tie ORDER BY w.valid_to DESC, w.key LIMIT $most } AS ties,
  COLLECT { MATCH (c:Company)-[u:USES]->(m:Product)
            WHERE c.id IN $companies AND u.valid_from <= $as_of < u.valid_to AND u.recorded_at <= $known_at < u.retracted_at AND m.company_id = $rival
            RETURN [u.key, c.id, coalesce(c.name, c.id), coalesce(m.name, m.id), u.valid_from, u.origin] AS used ORDER BY c.id, u.key LIMIT $most } AS used
LIMIT 1
