// snapshot: products of these ranges of ids
// :params { spans: [["a", "b"]], known_at: 1795000000000000 }
UNWIND $spans AS span
MATCH (p:Product)
WHERE span[0] <= p.id <= span[1] AND p.since <= $known_at
RETURN collect(p.id) AS id, collect(coalesce(p.name, p.id)) AS name, collect(coalesce(p.company_id, '')) AS maker, collect(coalesce(p.category, '')) AS category
ORDER BY id LIMIT 1
