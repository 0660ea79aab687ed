// identity: the records of these companies or people, and what ties them or keeps them apart from others
// :params { ids: ["x"], label: "Company", most: 1000 }
UNWIND $ids AS anchor
RETURN anchor AS anchor,
  COLLECT { MATCH (r:Record {entity_id: anchor}) WHERE r.label = $label
            RETURN [r.id, r.since, r.says] ORDER BY r.since, r.id LIMIT $most } AS records,
  COLLECT { MATCH (r:Record {entity_id: anchor})-[t:SAME_AS|NOT_SAME_AS]-(o:Record) WHERE r.label = $label
            WITH startNode(t).id AS one, endNode(t).id AS other, type(t) = 'SAME_AS' AS same, t.rule AS rule, t.score AS score, t.why AS why,
              t.author AS author, o.entity_id AS entity, max(t.revision) AS revision
            RETURN [one, other, same, rule, score, why, author, revision, entity]
            ORDER BY revision, one, other LIMIT $most } AS ties
ORDER BY anchor LIMIT $most
