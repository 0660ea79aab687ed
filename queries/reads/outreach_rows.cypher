// outreach: whether each of these people may be contacted at all, what we did towards them since an instant, and from what they unsubscribed
// :params { ids: ["li"], types: ["message"], statuses: ["held"], giving: ["SENDER"], taking: ["RECIPIENT"], begin: 1790000000000000, since: -62135596800000000, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, seen_at: 1795000000000000, seen_known: 1795000000000000, granted: false, territories: [], most: 100000 }
UNWIND $ids AS id
MATCH (p:Person {id: id})
RETURN id AS anchor, coalesce(p.do_not_contact, false) AS do_not_contact, p.legal_basis AS legal_basis,
  COLLECT { MATCH (p)-[v:PERSON_VALUE]->(f:Field {id: 'CONSENT_UNTIL'})
            WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at
            RETURN [v.number, v.valid_from, v.origin]
            ORDER BY v.confidence DESC, v.valid_from DESC, v.number LIMIT $most } AS consents,
  COLLECT { MATCH (p)-[t:TOOK_PART]->(i:Interaction)
            WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
              AND $begin < i.at <= $as_of AND i.type IN $types AND i.status IN $statuses AND coalesce(i.noise, '') <> 'bot'
              AND NOT t.part IN $giving
            WITH DISTINCT i
            WHERE i.direction = 'out'
               OR EXISTS { MATCH (i)<-[s:TOOK_PART]-(q:Person)-[w:WORKS_AT]->(u:Us)
                           WHERE s.valid_from <= $as_of < s.valid_to AND s.recorded_at <= $known_at < s.retracted_at
                             AND w.valid_from <= $as_of AND w.valid_to >= $since AND w.recorded_at <= $known_at < w.retracted_at
                             AND NOT s.part IN $taking
                             AND ($everywhere
                               OR ($granted AND NOT EXISTS { MATCH (q)-[was:WORKS_AT]->(:Company) WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at })
                               OR EXISTS { MATCH (q)-[was:WORKS_AT]->(employer:Company)
                                 WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at AND ($everywhere OR employer.territory_id IN $territories OR ($granted AND (employer:Us OR (employer.territory_id = '' AND NOT employer:Account))))
                                   AND (was.valid_to > $seen_at OR NOT EXISTS { MATCH (q)-[now:WORKS_AT]->(:Company) WHERE now.valid_from <= $seen_at < now.valid_to AND now.recorded_at <= $seen_known < now.retracted_at }) }) }
            RETURN [i.at, i.topic, i.id] LIMIT $most } AS touches,
  COLLECT { MATCH (p)-[t:TOOK_PART]->(i:Interaction {type: 'unsubscribe'})
            WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
              AND i.at <= $as_of
            RETURN [coalesce(i.utm_medium, ''), i.at] LIMIT $most } AS unsubscribed
ORDER BY anchor LIMIT $most
