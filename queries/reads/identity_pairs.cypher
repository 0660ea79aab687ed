// identity_review: one page of the pairs that a person is to decide, the surest first, with their number; a pair of hidden companies is hidden
// :params { first: 21, after_key: null, after_id: null, everywhere: true, territories: [], known_at: 1795000000000000 }
MATCH (a:Record)-[t:SAME_AS]->(b:Record)
WHERE t.open > 0.0
  AND ALL(one IN [a, b] WHERE CASE a.label
            WHEN 'Person' THEN EXISTS { MATCH (p:Person {id: one.entity_id}) WHERE p.since <= $known_at }
            ELSE EXISTS { MATCH (c:Company {id: one.entity_id})
                          WHERE c.since <= $known_at AND ($everywhere OR c.territory_id IN $territories) } END)
WITH [t.open, a.label + ' ' + a.id + ' ' + b.id, a.label, a.id, a.says, b.id, b.says, t.rule, t.why] AS pair
WITH collect(pair) AS found
RETURN
  COLLECT { UNWIND found AS pair
            WITH pair, pair[0] AS key, pair[1] AS id
            WHERE $after_id IS NULL OR key < $after_key OR (key = $after_key AND id > $after_id)
            RETURN pair ORDER BY key DESC, id LIMIT $first } AS rows,
  size(found) AS total
LIMIT 1
