// tags: what people and systems put on each of these companies, of what has not expired
// :params { ids: ["bank"], as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 100000 }
UNWIND $ids AS id
MATCH (c:Company {id: id})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
RETURN id AS anchor, coalesce(c.tags, []) AS words,
  COLLECT { MATCH (c)-[g:COMPANY_TAGGED]->(t:Tag)
            WHERE g.valid_from <= $as_of < g.valid_to AND g.recorded_at <= $known_at < g.retracted_at
              AND coalesce(g.at, $as_of) <= $as_of AND (g.expires_on IS NULL OR g.expires_on > $as_of)
            RETURN [g.key, t.id, g.cause, g.weight, g.at, g.expires_on, g.confidence, g.origin] ORDER BY t.id, g.key LIMIT $most } AS rows
ORDER BY anchor LIMIT $most
