// snapshot: how people of these ranges of ids stand in buying groups; not a number stands for unknown
// :params { spans: [["a", "b"]], open: -62135596800000000, assuming: ["crm"], as_of: 1795000000000000, known_at: 1795000000000000 }
UNWIND $spans AS span
MATCH (p:Person)
WHERE span[0] <= p.id <= span[1]
MATCH (p)-[m:MEMBER_OF]->(g:BuyingGroup)
WHERE m.valid_from <= $as_of < m.valid_to AND m.recorded_at <= $known_at < m.retracted_at
RETURN collect(p.id) AS person, collect(g.id) AS group, collect(coalesce(toFloat(m.stance), 0.0 / 0.0)) AS stance, collect(m.confidence) AS sure,
  collect(m.valid_from) AS start,
  collect(m.valid_from = $open AND any(source IN $assuming WHERE m.origin STARTS WITH source + '/' AND NOT substring(m.origin, size(source) + 1) CONTAINS '/')) AS assumed
ORDER BY person LIMIT 1
