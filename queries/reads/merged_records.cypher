// conflicts: which thing each record became part of, where that bears another id
// :params { kinds: ["Company", "Person"], most: 10000000 }
MATCH (r:Record)
WHERE r.entity_id <> r.id AND r.label IN $kinds
RETURN r.label AS kind, collect([r.id, r.entity_id]) AS entities
ORDER BY kind LIMIT $most
