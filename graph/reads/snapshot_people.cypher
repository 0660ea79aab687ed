// snapshot: people of these ranges of ids, forgotten ones too
// :params { spans: [["a", "b"]], barring: ["withdrawn"] }
UNWIND $spans AS span
MATCH (p:Person)
WHERE span[0] <= p.id <= span[1]
RETURN collect(p.id) AS id, collect(coalesce(p.name, p.id)) AS name, collect(coalesce(p.do_not_contact OR toLower(p.legal_basis) IN $barring, false)) AS do_not_contact
ORDER BY id LIMIT 1
