// accounts: one page of the accounts in the order of name, then id, with their number
// :params { territories: [""], everywhere: true, after_name: "", after_id: "", first: 20 }
RETURN
  COLLECT { MATCH (c:Account)
            WHERE c.name IS NOT NULL AND ($everywhere OR c.territory_id IN $territories)
              AND (c.name > $after_name OR (c.name = $after_name AND c.id > $after_id))
            RETURN [c.id, c.name] ORDER BY c.name, c.id LIMIT $first } AS rows,
  COUNT { MATCH (c:Account) WHERE $everywhere OR c.territory_id IN $territories } AS total
LIMIT 1
