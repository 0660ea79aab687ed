// snapshot: deals of these ranges of ids that were opened up to the instant; of several words about a value the surest, then the latest
// :params { spans: [["a", "b"]], as_of: 1795000000000000, known_at: 1795000000000000 }
UNWIND $spans AS span
MATCH (o:Opportunity)
WHERE span[0] <= o.id <= span[1] AND o.since <= $known_at AND (o.opened_on IS NULL OR o.opened_on <= $as_of)
WITH o, COLLECT { MATCH (o)-[v:OPPORTUNITY_VALUE]->(f:Field)
                  WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at AND f.id IN ['CLOSE_ON', 'AMOUNT', 'STAGE']
                  RETURN [f.id, v.number, v.value] ORDER BY v.confidence DESC, v.valid_from DESC, v.value } AS said
WITH o, [one IN said WHERE one[0] = 'CLOSE_ON'][0][1] AS closing, [one IN said WHERE one[0] = 'AMOUNT'][0][1] AS amount,
  [one IN said WHERE one[0] = 'STAGE'][0][2] AS stage
RETURN collect(o.id) AS id, collect(coalesce(o.company_id, '')) AS company, collect(o.outcome) AS outcome,
  collect(coalesce(toFloat(o.opened_on), 0.0 / 0.0)) AS opened, collect(coalesce(closing, 0.0 / 0.0)) AS closing,
  collect(coalesce(amount, 0.0 / 0.0)) AS amount, collect(coalesce(o.currency, '')) AS currency, collect(coalesce(stage, '')) AS stage
ORDER BY id LIMIT 1
