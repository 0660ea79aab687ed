// events: news about these companies up to then, the latest first
// :params { ids: ["x"], as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 100000 }
UNWIND $ids AS anchor
MATCH (c:Company {id: anchor})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
RETURN anchor AS anchor,
  COLLECT { MATCH (c)<-[h:HAPPENED_AT]-(e:Event)
            WHERE h.valid_from <= $as_of < h.valid_to AND h.recorded_at <= $known_at < h.retracted_at
              AND e.at <= $as_of
            RETURN [h.key, e.at, e.kind, e.title, e.url, h.origin]
            ORDER BY e.at DESC, h.key LIMIT $most } AS rows
ORDER BY anchor LIMIT $most
