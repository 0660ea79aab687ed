// identity: the records of these companies or people, and what ties them or keeps them apart from others
// :params { ids: ["x"], label: "Company", everywhere: true, territories: [], most: 1000 }
UNWIND $ids AS anchor
WITH anchor
WHERE $everywhere OR $label <> 'Company' OR EXISTS { MATCH (c:Company {id: anchor}) WHERE c.territory_id IN $territories }
RETURN anchor AS anchor,
  COLLECT { MATCH (r:Record {entity_id: anchor}) WHERE r.label = $label
            RETURN [r.id, r.since, r.says] ORDER BY r.since, r.id LIMIT $most } AS records,
  COLLECT { MATCH (r:Record {entity_id: anchor})-[t:SAME_AS|NOT_SAME_AS]-(o:Record) WHERE r.label = $label
            WITH DISTINCT t
            RETURN [startNode(t).id, endNode(t).id, type(t) = 'SAME_AS', t.rule, t.score, t.why, t.author, t.revision]
            ORDER BY t.revision, startNode(t).id, endNode(t).id LIMIT $most } AS ties
ORDER BY anchor LIMIT $most
