// accounts, companies: one page of those that a search finds and a filter means, with their number
// The sorting takes no list along: the database counts one that stands beside the rows being sorted once for each of them
// :params { accounts_only: true, query: null, text: null, names: [], within: null, order: "name", descending: false, first: 21, after_key: null, after_id: null, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [] }
CALL () {
  WITH 1 AS one WHERE $query IS NULL
  MATCH (c:Company)
  RETURN c
  UNION
  WITH 1 AS one WHERE $query IS NOT NULL
  CALL db.index.fulltext.queryNodes('company_search', $query) YIELD node
  RETURN node AS c
  UNION
  WITH 1 AS one WHERE $query IS NOT NULL
  CALL db.index.fulltext.queryNodes('record_search', $query) YIELD node AS r
  WITH r WHERE r.label = 'Company'
  MATCH (c:Company {id: r.entity_id})
  RETURN c
  UNION
  MATCH (c:Company) WHERE c.name STARTS WITH $text
  RETURN c
  UNION
  MATCH (c:Company) WHERE c.id IN $names
  RETURN c
  UNION
  MATCH (a:Alias) WHERE a.name IN $names AND a.label = 'Company'
  MATCH (c:Company {id: a.entity_id})
  RETURN c
}
WITH c
WHERE c.name IS NOT NULL AND c.since <= $known_at AND ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
  AND (NOT $accounts_only OR c:Account) AND ($within IS NULL OR c.id IN $within)
WITH c.id AS id,
  CASE $order
    WHEN 'name' THEN toLower(c.name)
    WHEN 'id' THEN c.id
    WHEN 'value' THEN c.value
    WHEN 'employees' THEN c.employees
    WHEN 'tier' THEN COLLECT { MATCH (c)-[v:COMPANY_VALUE]->(f:Field {id: 'TIER'})
                               WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at
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
