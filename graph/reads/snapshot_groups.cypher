// snapshot: buying groups of these ranges of ids, each with its account and the template that it names
// :params { spans: [["a", "b"]], known_at: 1795000000000000 }
UNWIND $spans AS span
MATCH (g:BuyingGroup)
WHERE span[0] <= g.id <= span[1]
RETURN collect(g.id) AS id, collect(coalesce(g.company_id, '')) AS company, collect(coalesce(g.id = g.company_id, false)) AS is_default,
  collect(CASE WHEN g.since <= $known_at THEN coalesce(g.template_id, '') ELSE '' END) AS template
ORDER BY id LIMIT 1
