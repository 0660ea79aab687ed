// data completeness: which of the cells that matter are filled, of each account, of those who work there and of its open deals
// :params { accounts: ["bank"], as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, seen_at: 1795000000000000, seen_known: 1795000000000000, granted: false, territories: [], most: 100000 }
UNWIND $accounts AS id
MATCH (c:Company {id: id})
RETURN id AS account, coalesce(c.name, c.id) AS name,
  COLLECT { MATCH (c)<-[m:MANAGES_ACCOUNT]-(o:Person)
            WHERE m.valid_from <= $as_of < m.valid_to AND m.recorded_at <= $known_at < m.retracted_at
              AND ($everywhere
                OR ($granted AND NOT EXISTS { MATCH (o)-[was:WORKS_AT]->(:Company) WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at })
                OR EXISTS { MATCH (o)-[was:WORKS_AT]->(employer:Company)
                  WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at AND ($everywhere OR employer.territory_id IN $territories OR ($granted AND (employer:Us OR (employer.territory_id = '' AND NOT employer:Account))))
                    AND (was.valid_to > $seen_at OR NOT EXISTS { MATCH (o)-[now:WORKS_AT]->(:Company) WHERE now.valid_from <= $seen_at < now.valid_to AND now.recorded_at <= $seen_known < now.retracted_at }) })
            RETURN [o.id, coalesce(o.name, o.id), m.valid_from, m.origin]
            ORDER BY m.confidence DESC, m.valid_from DESC, o.id LIMIT 1 } AS owners,
  [c.industry IS NOT NULL, coalesce(c.territory_id, '') <> '',
   EXISTS { MATCH (c)-[v:COMPANY_VALUE]->(f:Field {id: 'TIER'})
            WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at }] AS facts,
  COLLECT { MATCH (c)<-[w:WORKS_AT]-(p:Person)
            WHERE w.valid_from <= $as_of < w.valid_to AND w.recorded_at <= $known_at < w.retracted_at
              AND NOT coalesce(p.anonymous, false)
            WITH p, max(CASE WHEN coalesce(w.title, '') <> '' THEN 1 ELSE 0 END) AS title,
              max(CASE WHEN coalesce(w.department, '') <> '' THEN 1 ELSE 0 END) AS department
            RETURN [p.id, coalesce(p.name, p.id), title = 1, department = 1,
              EXISTS { MATCH (r:Record {entity_id: p.id, label: 'Person'}) WHERE r.says CONTAINS '"mail:' OR r.says CONTAINS '"phone:' },
              EXISTS { MATCH (p)-[h:HAS_ROLE_IN]->(g:BuyingGroup {company_id: c.id})
                       WHERE h.valid_from <= $as_of < h.valid_to AND h.recorded_at <= $known_at < h.retracted_at AND h.role_confidence > 0 }]
            LIMIT $most } AS contacts,
  COLLECT { MATCH (o:Opportunity {company_id: c.id})
            WHERE o.since <= $known_at AND o.outcome = 'open' AND (o.opened_on IS NULL OR o.opened_on <= $as_of)
            RETURN [o.id, coalesce(o.name, o.id),
              COLLECT { MATCH (o)-[v:OPPORTUNITY_VALUE]->(f:Field)
                        WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at
                          AND coalesce(v.state, 'stated') <> 'unknown' AND f.id IN ['BUDGET', 'AUTHORITY', 'NEED', 'TIMING', 'COMPETITION', 'CLOSE_ON']
                        RETURN DISTINCT f.id LIMIT 10 }] LIMIT $most } AS deals
ORDER BY account LIMIT $most
