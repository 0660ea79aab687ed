// open asks: of these people, who were asked for introductions that they have neither made nor declined, and for how many
// :params { ids: ["li"], as_of: 1795000000000000, known_at: 1795000000000000, most: 1000 }
UNWIND $ids AS id
MATCH (p:Person {id: id})
WITH id, COUNT { MATCH (p)-[t:TOOK_PART]->(i:Interaction)
                 WHERE t.valid_from <= $as_of < t.valid_to AND t.recorded_at <= $known_at < t.retracted_at
                   AND t.part IN ['GIVER', 'SENDER'] AND i.type = 'introduction' AND i.status = 'open' AND i.at <= $as_of
                 RETURN DISTINCT i.id } AS asked
WHERE asked > 0
RETURN id AS person, asked AS count
ORDER BY person LIMIT $most
