// sight: the company that each of these interactions concerned, and who took part in it
// :params { interactions: ["i"], as_of: 1795000000000000, known_at: 1795000000000000, most: 1000000 }
UNWIND $interactions AS id
MATCH (i:Interaction {id: id})
RETURN id AS interaction, i.company_id AS company,
  COLLECT { MATCH (i)<-[t:TOOK_PART]-(p:Person)
            WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
            RETURN DISTINCT p.id AS person ORDER BY person LIMIT $most } AS people
ORDER BY interaction LIMIT $most
