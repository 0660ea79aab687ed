// snapshot: open deals of these ranges of ids and when each is to close; of several words about that the surest, then the latest
// :params { spans: [["a", "b"]], as_of: 1795000000000000, known_at: 1795000000000000 }
UNWIND $spans AS span
MATCH (o:Opportunity)
WHERE span[0] <= o.id <= span[1] AND o.outcome = 'open' AND o.since <= $known_at AND (o.opened_on IS NULL OR o.opened_on <= $as_of)
WITH o, COLLECT { MATCH (o)-[v:OPPORTUNITY_VALUE]->(f:Field)
                  WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at AND f.id = 'CLOSE_ON'
                  RETURN v.number ORDER BY v.confidence DESC, v.valid_from DESC, v.value LIMIT 1 }[0] AS closing
RETURN collect(o.id) AS id, collect(coalesce(o.company_id, '')) AS company, collect(coalesce(closing, 0.0 / 0.0)) AS closing
ORDER BY id LIMIT 1
