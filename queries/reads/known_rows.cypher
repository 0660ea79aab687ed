// known_of: every fact of these people, of all times and as every load told it, with what stands at its other end; and whom they know
// :params { ids: ["x"], since: 0, as_of: 1795000000000000, known_at: 1795000000000000, most: 1000000 }
UNWIND $ids AS anchor
MATCH (p:Person {id: anchor})
RETURN anchor AS anchor, properties(p) AS person,
  COLLECT { MATCH (p)-[r:WORKS_AT|REPORTS_TO|HAS_ROLE_IN|MEMBER_OF|INFLUENCES|MANAGES_ACCOUNT|TOOK_PART|AFFILIATED_WITH|TAGGED|INVOLVES|PERSON_VALUE]-(o)
            WHERE r.valid_from <= $as_of AND r.valid_to >= $since AND r.recorded_at <= $known_at AND r.retracted_at > $since
            RETURN [type(r), properties(r), labels(o)[0], properties(o), startNode(r) = p, CASE WHEN o:Interaction THEN COLLECT { MATCH (o)<-[t:TOOK_PART]-(q:Person)
                      WHERE t.valid_from <= $as_of AND t.valid_to >= $since AND t.recorded_at <= $known_at AND t.retracted_at > $since RETURN DISTINCT q.id } ELSE [] END]
            ORDER BY type(r), r.valid_from, r.recorded_at, r.key LIMIT $most } AS facts,
  COLLECT { MATCH (p)-[k:KNOWS]-(o:Person)
            RETURN [o.id, coalesce(o.name, o.id), k.count, k.first_at, k.last_at] ORDER BY o.id LIMIT $most } AS bonds
ORDER BY anchor LIMIT $most
