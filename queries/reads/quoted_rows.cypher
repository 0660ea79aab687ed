// known_of: facts of others that name these people: as the author of an opinion, as who said something of a deal, as the owner of a deal; what they may see here, and what they wrote by hand
// :params { names: ["x"], mail: "mail:", since: 0, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 1000000 }
RETURN
  COLLECT { MATCH (g:BuyingGroup)<-[m:MEMBER_OF]-(p:Person)
            USING SCAN g:BuyingGroup
            WHERE m.valid_from <= $as_of AND m.valid_to >= $since AND m.recorded_at <= $known_at AND m.retracted_at > $since
              AND m.author_id IN $names
            MATCH (c:Company {id: g.company_id})
            WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
            RETURN [type(m), 'author_id', m.author_id, 'BuyingGroup', g.id, properties(m), p.id] ORDER BY m.key, m.valid_from, m.recorded_at LIMIT $most } AS opinions,
  COLLECT { MATCH (f:Field)<-[v:OPPORTUNITY_VALUE]-(o:Opportunity)
            USING SCAN o:Opportunity
            WHERE v.valid_from <= $as_of AND v.valid_to >= $since AND v.recorded_at <= $known_at AND v.retracted_at > $since
              AND (v.said_by_id IN $names OR (f.id = 'OWNER' AND v.value IN $names))
            MATCH (c:Company {id: o.company_id})
            WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
            RETURN [type(v), CASE WHEN f.id = 'OWNER' THEN 'value' ELSE 'said_by_id' END, f.id, 'Opportunity', o.id, properties(v)]
            ORDER BY v.key, v.valid_from, v.recorded_at LIMIT $most } AS words,
  COLLECT { MATCH (g:Grant)
            WHERE g.since <= $known_at AND (g.principal IN $names OR $mail + toLower(g.principal) IN $names)
            RETURN [g.id, properties(g), COLLECT { MATCH (t:Territory {id: g.territory_id}) RETURN coalesce(t.name, t.id) LIMIT 1 }[0]]
            ORDER BY g.id LIMIT $most } AS grants,
  COLLECT { MATCH (l:Load {by_hand: true})
            WHERE l.recorded_at <= $known_at AND (l.source IN $names OR $mail + toLower(l.source) IN $names)
            RETURN [l.id, l.kinds, l.source, l.recorded_at] ORDER BY l.revision LIMIT $most } AS writes
ORDER BY size(opinions) LIMIT 1
