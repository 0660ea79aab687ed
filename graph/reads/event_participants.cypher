// participants: who ever took part in these interactions, or in those of these campaigns, and who ever took part in anything with these people
// :params { interactions: ["i"], campaigns: ["k"], people: ["p"], since: -62135596800000000, as_of: 1795000000000000, known_at: 1795000000000000, most: 1000000 }
RETURN
  COLLECT { UNWIND $interactions AS id
            MATCH (i:Interaction {id: id})<-[t:TOOK_PART]-(p:Person)
            WHERE t.valid_from <= $as_of AND t.valid_to >= $since AND t.recorded_at <= $known_at < t.retracted_at
            RETURN DISTINCT p.id AS id ORDER BY id LIMIT $most }
  + COLLECT { UNWIND $campaigns AS id
              MATCH (i:Interaction {campaign_id: id})<-[t:TOOK_PART]-(p:Person)
              WHERE t.valid_from <= $as_of AND t.valid_to >= $since AND t.recorded_at <= $known_at < t.retracted_at
              RETURN DISTINCT p.id AS id ORDER BY id LIMIT $most } AS took_part,
  COLLECT { UNWIND $people AS id
            MATCH (p:Person {id: id})-[t:TOOK_PART]->(i:Interaction)
            WHERE t.valid_from <= $as_of AND t.valid_to >= $since AND t.recorded_at <= $known_at < t.retracted_at
            WITH DISTINCT i
            MATCH (i)<-[o:TOOK_PART]-(q:Person)
            WHERE o.valid_from <= $as_of AND o.valid_to >= $since AND o.recorded_at <= $known_at < o.retracted_at
            RETURN DISTINCT q.id AS id ORDER BY id LIMIT $most } AS met
LIMIT 1
