// campaigns: one page of those that a search finds, with their number
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
WITH collect([key, id]) AS found
RETURN
  COLLECT { UNWIND found AS one
            WITH one[0] AS key, one[1] AS id
            WHERE $after_id IS NULL
               OR ($after_key IS NULL AND key IS NULL AND id > $after_id)
               OR ($after_key IS NOT NULL AND (key IS NULL OR (key = $after_key AND id > $after_id)
                   OR CASE WHEN $descending THEN key < $after_key ELSE key > $after_key END))
            RETURN [key, id]
            ORDER BY key IS NULL, CASE WHEN $descending THEN NULL ELSE key END, CASE WHEN $descending THEN key END DESC, id
            LIMIT $first } AS rows,
  size(found) AS total
LIMIT 1
