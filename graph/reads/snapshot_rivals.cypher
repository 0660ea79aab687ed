// snapshot: competitors that were seen in deals of these ranges of ids
// :params { spans: [["a", "b"]], as_of: 1795000000000000, known_at: 1795000000000000 }
UNWIND $spans AS span
MATCH (o:Opportunity)
WHERE span[0] <= o.id <= span[1] AND o.since <= $known_at AND (o.opened_on IS NULL OR o.opened_on <= $as_of)
UNWIND coalesce(o.competitor_ids, []) AS competitor
RETURN collect(o.id) AS opportunity, collect(competitor) AS competitor
ORDER BY opportunity LIMIT 1
