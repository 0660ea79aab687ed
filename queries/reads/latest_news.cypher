// triggers: the latest news within a span about each account, or about somebody who worked there then
// :params { since: 1758000000000000, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, seen_at: 1795000000000000, seen_known: 1795000000000000, granted: false, territories: [], most: 100000 }
CALL () { MATCH (e:Event)
          WHERE e.at > $since AND e.at <= $as_of
          WITH e ORDER BY e.at DESC, e.id LIMIT $most
          MATCH (e)-[h:HAPPENED_AT]->(c:Account)
          WHERE h.valid_from <= $as_of < h.valid_to AND h.recorded_at <= $known_at < h.retracted_at
          RETURN c, e, h.origin AS origin
          UNION
          MATCH (e:Event)
          WHERE e.at > $since AND e.at <= $as_of
          WITH e ORDER BY e.at DESC, e.id LIMIT $most
          MATCH (e)-[v:INVOLVES]->(p:Person)-[w:WORKS_AT]->(c:Account)
          WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at
            AND w.valid_from <= $as_of AND w.valid_to >= $since AND w.recorded_at <= $known_at < w.retracted_at
            AND w.valid_from <= e.at < w.valid_to
            AND ($everywhere
              OR ($granted AND NOT EXISTS { MATCH (p)-[was:WORKS_AT]->(:Company) WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at })
              OR EXISTS { MATCH (p)-[was:WORKS_AT]->(employer:Company)
                WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at AND ($everywhere OR employer.territory_id IN $territories OR ($granted AND (employer:Us OR (employer.territory_id = '' AND NOT employer:Account))))
                  AND (was.valid_to > $seen_at OR NOT EXISTS { MATCH (p)-[now:WORKS_AT]->(:Company) WHERE now.valid_from <= $seen_at < now.valid_to AND now.recorded_at <= $seen_known < now.retracted_at }) })
          RETURN c, e, v.origin AS origin }
WITH c, e, origin
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
WITH c, e, origin ORDER BY e.at DESC, e.id, origin
WITH c, collect([e.id, e.at, e.kind, e.title, origin])[0] AS latest
RETURN c.id AS account, latest AS news
ORDER BY account LIMIT $most
