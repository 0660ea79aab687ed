// person: who these people are
// :params { ids: ["k7"], most: 1000 }
UNWIND $ids AS id
MATCH (p:Person {id: id})
WHERE p.name IS NOT NULL
RETURN p.id AS id, p.name AS name, coalesce(p.aliases, []) AS aliases, p.language AS language, p.location AS location,
  coalesce(p.do_not_contact, false) AS do_not_contact, p.legal_basis AS legal_basis, coalesce(p.tags, []) AS tags
ORDER BY id LIMIT $most
