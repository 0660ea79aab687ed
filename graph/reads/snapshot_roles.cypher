// snapshot: the roles that people of these ranges of ids hold in buying groups
// :params { spans: [["a", "b"]], open: -62135596800000000, assuming: ["crm"], as_of: 1795000000000000, known_at: 1795000000000000 }
UNWIND $spans AS span
MATCH (p:Person)
WHERE span[0] <= p.id <= span[1]
MATCH (p)-[h:HAS_ROLE_IN]->(g:BuyingGroup)
WHERE h.valid_from <= $as_of < h.valid_to AND h.recorded_at <= $known_at < h.retracted_at
RETURN collect(p.id) AS person, collect(g.id) AS group, collect(h.role) AS role, collect(h.role_confidence) AS sure,
  collect(h.valid_from = $open AND any(source IN $assuming WHERE h.origin STARTS WITH source + '/' AND NOT substring(h.origin, size(source) + 1) CONTAINS '/')) AS assumed
ORDER BY person LIMIT 1
