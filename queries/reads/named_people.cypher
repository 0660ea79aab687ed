// person: which people these ids or aliases name
// :params { names: [["k7", ["k7", "mail:k7"]]], most: 1000, known_at: 1795000000000000 }
UNWIND $names AS pair
RETURN pair[0] AS given,
  COLLECT { MATCH (p:Person {id: pair[0]})
            WHERE p.since <= $known_at
            RETURN p.id ORDER BY p.id LIMIT $most } AS own,
  COLLECT { UNWIND pair[1] AS name
            MATCH (a:Alias {name: name, label: 'Person'})
            MATCH (p:Person {id: a.entity_id})
            WHERE p.since <= $known_at
            RETURN DISTINCT p.id AS id ORDER BY id LIMIT $most } AS others
ORDER BY given LIMIT $most
