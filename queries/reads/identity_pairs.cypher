// identity_review: one page of the pairs that a person is to decide, the surest first, with their number; a pair of hidden companies is hidden
// :params { first: 21, after_key: null, after_id: null, everywhere: true, seen_at: 1795000000000000, seen_known: 1795000000000000, granted: false, territories: [], known_at: 1795000000000000 }
MATCH (a:Record)-[t:SAME_AS]->(b:Record)
WHERE t.open > 0.0
  AND ALL(one IN [a, b] WHERE CASE a.label
            WHEN 'Person' THEN EXISTS { MATCH (p:Person {id: one.entity_id}) WHERE p.since <= $known_at AND ($everywhere
              OR ($granted AND NOT EXISTS { MATCH (p)-[was:WORKS_AT]->(:Company) WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at })
              OR EXISTS { MATCH (p)-[was:WORKS_AT]->(employer:Company)
                WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at AND ($everywhere OR employer.territory_id IN $territories OR ($granted AND (employer:Us OR (employer.territory_id = '' AND NOT employer:Account))))
                  AND (was.valid_to > $seen_at OR NOT EXISTS { MATCH (p)-[now:WORKS_AT]->(:Company) WHERE now.valid_from <= $seen_at < now.valid_to AND now.recorded_at <= $seen_known < now.retracted_at }) }) }
            ELSE EXISTS { MATCH (c:Company {id: one.entity_id})
                          WHERE c.since <= $known_at AND ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account)))) } END)
WITH [t.open, a.label + ' ' + a.id + ' ' + b.id, a.label, a.id, a.says, b.id, b.says, t.rule, t.why] AS pair
ORDER BY pair[0] DESC, pair[1]
WITH collect(pair) AS found
RETURN
  [pair IN found WHERE $after_id IS NULL OR pair[0] < $after_key OR (pair[0] = $after_key AND pair[1] > $after_id)][..$first] AS rows,
  size(found) AS total
LIMIT 1
