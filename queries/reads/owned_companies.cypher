// filter: the companies that these own, through others too
// :params { ids: ["a"], as_of: 1795000000000000, known_at: 1795000000000000, everywhere: true, granted: false, territories: [], most: 1000000 }
RETURN
  COLLECT { UNWIND $ids AS id
            MATCH (o:Company {id: id}) (()<-[r:SUBSIDIARY_OF WHERE r.valid_from <= $as_of < r.valid_to AND r.recorded_at <= $known_at < r.retracted_at]-(n:Company WHERE ($everywhere OR n.territory_id IN $territories OR ($granted AND (n:Us OR (n.territory_id = '' AND NOT n:Account)))))){1,20} (c:Company)
            WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
            RETURN DISTINCT c.id AS id ORDER BY id LIMIT $most } AS ids
LIMIT 1
