// opportunities: one page of those that a search finds and a filter means, with their number
// The sorting takes no list along: the database counts one that stands beside the rows being sorted once for each of them
// :params { outcome: null, query: null, text: null, names: [], within: null, only: null, order: "name", descending: false, first: 21, after_key: null, after_id: null, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [] }
CALL () {
  WITH 1 AS one WHERE $query IS NULL
  MATCH (o:Opportunity)
  RETURN o
  UNION
  WITH 1 AS one WHERE $query IS NOT NULL
  CALL db.index.fulltext.queryNodes('opportunity_search', $query) YIELD node
  RETURN node AS o
  UNION
  MATCH (o:Opportunity) WHERE o.name STARTS WITH $text
  RETURN o
  UNION
  MATCH (o:Opportunity) WHERE o.id IN $names
  RETURN o
  UNION
  MATCH (a:Alias) WHERE a.name IN $names AND a.label = 'Opportunity'
  MATCH (o:Opportunity {id: a.entity_id})
  RETURN o
}
MATCH (c:Company {id: o.company_id})
WHERE o.outcome IS NOT NULL AND o.since <= $known_at AND ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
  AND ($within IS NULL OR c.id IN $within) AND ($only IS NULL OR o.id IN $only) AND ($outcome IS NULL OR o.outcome IN $outcome)
WITH o.id AS id,
  CASE $order
    WHEN 'name' THEN toLower(o.name)
    WHEN 'id' THEN o.id
    ELSE COLLECT { MATCH (o)-[v:OPPORTUNITY_VALUE]->(f:Field)
                   WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at
                     AND f.id = CASE $order WHEN 'amount' THEN 'AMOUNT' ELSE 'CLOSE_ON' END
                   RETURN v.number ORDER BY v.confidence DESC, v.valid_from DESC, v.value LIMIT 1 }[0]
  END AS key
ORDER BY key IS NULL, CASE WHEN $descending THEN NULL ELSE key END, CASE WHEN $descending THEN key END DESC, id
WITH collect([key, id]) AS found
RETURN
  [one IN found
   WHERE $after_id IS NULL
      OR ($after_key IS NULL AND one[0] IS NULL AND one[1] > $after_id)
      OR ($after_key IS NOT NULL AND (one[0] IS NULL OR (one[0] = $after_key AND one[1] > $after_id)
          OR CASE WHEN $descending THEN one[0] < $after_key ELSE one[0] > $after_key END))][..$first] AS rows,
  size(found) AS total
LIMIT 1
