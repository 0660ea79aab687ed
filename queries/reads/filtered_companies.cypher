// filter: the companies for which all of each set of conditions holds; null is no condition
// Where ids are given the walk begins at them: "null or in" alone would look at every company
// :params { wanted: [{ accounts_only: true, ids: null, within: null, industry: null, country: null, province: null, tier: [1], owner: null, kinds: null, product: null, competitor: null, tag: null }], among: null, as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 1000000 }
UNWIND range(0, size($wanted) - 1) AS place
WITH place, $wanted[place] AS asked
RETURN place AS place,
  COLLECT { CALL (asked) { WITH coalesce(asked.ids, $among) AS ids WHERE ids IS NOT NULL UNWIND ids AS id MATCH (c:Company {id: id}) RETURN c
                       UNION
                       WITH asked WHERE asked.ids IS NULL AND $among IS NULL MATCH (c:Company) RETURN c }
            WITH c
            WHERE c.name IS NOT NULL AND c.since <= $known_at AND ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
              AND (NOT asked.accounts_only OR c:Account)
              AND (asked.within IS NULL OR c.territory_id IN asked.within)
              AND (asked.industry IS NULL OR toLower(c.industry) IN asked.industry)
              AND (asked.country IS NULL OR toLower(c.country) IN asked.country)
              AND (asked.province IS NULL OR toLower(c.province) IN asked.province)
              AND (asked.kinds IS NULL OR any(kind IN c.kinds WHERE kind IN asked.kinds))
              AND (asked.tier IS NULL
                   OR COLLECT { MATCH (c)-[v:COMPANY_VALUE]->(f:Field {id: 'TIER'})
                                WHERE v.valid_from <= $as_of < v.valid_to AND v.recorded_at <= $known_at < v.retracted_at
                                RETURN toInteger(v.number) ORDER BY v.confidence DESC, v.valid_from DESC, v.value LIMIT 1 }[0] IN asked.tier)
              AND (asked.owner IS NULL
                   OR EXISTS { MATCH (c)<-[m:MANAGES_ACCOUNT]-(p:Person)
                               WHERE m.valid_from <= $as_of < m.valid_to AND m.recorded_at <= $known_at < m.retracted_at
                                 AND p.id IN asked.owner })
              AND (asked.product IS NULL
                   OR EXISTS { MATCH (c)-[u:USES]->(p:Product)
                               WHERE u.valid_from <= $as_of < u.valid_to AND u.recorded_at <= $known_at < u.retracted_at
                                 AND p.id IN asked.product })
              AND (asked.competitor IS NULL
                   OR EXISTS { MATCH (c)-[u:USES]->(p:Product)
                               WHERE u.valid_from <= $as_of < u.valid_to AND u.recorded_at <= $known_at < u.retracted_at
                                 AND p.company_id IN asked.competitor })
              AND (asked.tag IS NULL OR any(tag IN c.tags WHERE tag IN asked.tag)
                   OR EXISTS { MATCH (c)-[t:COMPANY_TAGGED]->(g:Tag)
                               WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
                                 AND g.id IN asked.tag AND ($as_of < t.expires_on OR t.expires_on IS NULL) })
            RETURN c.id ORDER BY c.id LIMIT $most } AS ids
ORDER BY place LIMIT $most
