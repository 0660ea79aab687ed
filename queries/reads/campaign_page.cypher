// campaigns: one page of those that a search finds, with their number
// The sorting takes no list along: the database counts one that stands beside the rows being sorted once for each of them
// :params { type: null, topic: null, query: null, text: null, names: [], order: "name", descending: false, first: 21, after_key: null, after_id: null, known_at: 1795000000000000 }
CALL () {
  WITH 1 AS one WHERE $query IS NULL
  MATCH (c:Campaign)
  RETURN c
  UNION
  WITH 1 AS one WHERE $query IS NOT NULL
  CALL db.index.fulltext.queryNodes('campaign_search', $query) YIELD node
  RETURN node AS c
  UNION
  MATCH (c:Campaign) WHERE c.name STARTS WITH $text
  RETURN c
  UNION
  MATCH (c:Campaign) WHERE c.id IN $names
  RETURN c
  UNION
  MATCH (a:Alias) WHERE a.name IN $names AND a.label = 'Campaign'
  MATCH (c:Campaign {id: a.entity_id})
  RETURN c
}
WITH c
WHERE c.name IS NOT NULL AND c.since <= $known_at AND ($type IS NULL OR c.type IN $type)
  AND ($topic IS NULL OR any(topic IN c.topics WHERE toLower(topic) IN $topic))
WITH c.id AS id, CASE $order WHEN 'name' THEN toLower(c.name) WHEN 'id' THEN c.id WHEN 'start' THEN c.starts_at END AS key
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
