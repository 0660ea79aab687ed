// snapshot: what companies of these ranges of ids bought up to the instant
// :params { spans: [["a", "b"]], as_of: 1795000000000000, known_at: 1795000000000000 }
UNWIND $spans AS span
MATCH (c:Company)
WHERE span[0] <= c.id <= span[1]
MATCH (c)-[b:BOUGHT]->(p:Product)
WHERE b.valid_from <= $as_of < b.valid_to AND b.recorded_at <= $known_at < b.retracted_at AND b.bought_on <= $as_of
RETURN collect(c.id) AS company, collect(p.id) AS product, collect(b.bought_on) AS at, collect(b.confidence) AS sure
ORDER BY company LIMIT 1
