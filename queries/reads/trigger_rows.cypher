// triggers: news within a span about each account and about who worked there then, with the load that told it
// :params { accounts: ["x"], since: 1758000000000000, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, seen_at: 1795000000000000, seen_known: 1795000000000000, granted: false, territories: [], most: 100000 }
UNWIND $accounts AS account
MATCH (c:Company {id: account})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
RETURN account AS account, coalesce(c.name, c.id) AS name,
  COLLECT { CALL (c) { MATCH (c)<-[h:HAPPENED_AT]-(e:Event)
                       WHERE h.valid_from <= $as_of < h.valid_to AND h.recorded_at <= $known_at < h.retracted_at
                       RETURN e, h.load_id AS load, h.origin AS origin, null AS p
                       UNION
                       MATCH (c)<-[w:WORKS_AT]-(p:Person)<-[v:INVOLVES]-(e:Event)
                       WHERE w.valid_from <= $as_of AND w.valid_to >= $since AND w.recorded_at <= $known_at < w.retracted_at
                         AND v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at
                         AND w.valid_from <= e.at < w.valid_to
                         AND ($everywhere
                           OR ($granted AND NOT EXISTS { MATCH (p)-[was:WORKS_AT]->(:Company) WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at })
                           OR EXISTS { MATCH (p)-[was:WORKS_AT]->(employer:Company)
                             WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at AND ($everywhere OR employer.territory_id IN $territories OR ($granted AND (employer:Us OR (employer.territory_id = '' AND NOT employer:Account))))
                               AND (was.valid_to > $seen_at OR NOT EXISTS { MATCH (p)-[now:WORKS_AT]->(:Company) WHERE now.valid_from <= $seen_at < now.valid_to AND now.recorded_at <= $seen_known < now.retracted_at }) })
                       RETURN e, v.load_id AS load, v.origin AS origin, p }
            WITH e, load, origin, p
            WHERE e.at > $since AND e.at <= $as_of
            RETURN DISTINCT [e.id, e.at, e.kind, e.title, load, origin, p.id, coalesce(p.name, p.id)] AS news LIMIT $most } AS news
ORDER BY account LIMIT $most
