// people: one page of those that a search finds and whose present employer a filter means, with their number; anonymous ones only by their id
// The sorting takes no list along: the database counts one that stands beside the rows being sorted once for each of them
// :params { do_not_contact: null, query: null, text: null, names: [], within: null, order: "name", descending: false, first: 21, after_key: null, after_id: null, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, seen_at: 1795000000000000, seen_known: 1795000000000000, granted: false, territories: [] }
CALL () {
  WITH 1 AS one WHERE $query IS NULL
  MATCH (p:Person)
  RETURN p
  UNION
  WITH 1 AS one WHERE $query IS NOT NULL
  CALL db.index.fulltext.queryNodes('person_search', $query) YIELD node
  RETURN node AS p
  UNION
  WITH 1 AS one WHERE $query IS NOT NULL
  CALL db.index.fulltext.queryNodes('record_search', $query) YIELD node AS r
  WITH r WHERE r.label = 'Person'
  MATCH (p:Person {id: r.entity_id})
  RETURN p
  UNION
  MATCH (p:Person) WHERE p.name STARTS WITH $text
  RETURN p
  UNION
  MATCH (p:Person) WHERE p.id IN $names
  RETURN p
  UNION
  MATCH (a:Alias) WHERE a.name IN $names AND a.label = 'Person'
  MATCH (p:Person {id: a.entity_id})
  RETURN p
}
WITH p
WHERE p.name IS NOT NULL AND p.since <= $known_at AND (NOT coalesce(p.anonymous, false) OR p.id IN $names)
  AND ($everywhere
    OR ($granted AND NOT EXISTS { MATCH (p)-[was:WORKS_AT]->(:Company) WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at })
    OR EXISTS { MATCH (p)-[was:WORKS_AT]->(employer:Company)
      WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at AND ($everywhere OR employer.territory_id IN $territories OR ($granted AND (employer:Us OR (employer.territory_id = '' AND NOT employer:Account))))
        AND (was.valid_to > $seen_at OR NOT EXISTS { MATCH (p)-[now:WORKS_AT]->(:Company) WHERE now.valid_from <= $seen_at < now.valid_to AND now.recorded_at <= $seen_known < now.retracted_at }) })
  AND ($do_not_contact IS NULL OR coalesce(p.do_not_contact, false) = $do_not_contact)
  AND ($within IS NULL
       OR EXISTS { MATCH (p)-[w:WORKS_AT]->(c:Company)
                   WHERE w.valid_from <= $as_of < w.valid_to AND w.recorded_at <= $known_at < w.retracted_at
                     AND c.id IN $within })
WITH p.id AS id, CASE $order WHEN 'name' THEN toLower(p.name) WHEN 'id' THEN p.id END AS key
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
