// campaign: what these campaigns are
// :params { ids: ["x"], most: 1000 }
UNWIND $ids AS id
MATCH (c:Campaign {id: id})
WHERE c.name IS NOT NULL
RETURN c.id AS id, c.name AS name, c.type AS type, c.starts_at AS starts_at, c.ends_at AS ends_at, coalesce(c.topics, []) AS topics,
  coalesce(c.product_ids, []) AS product_ids, coalesce(c.organiser_ids, []) AS organiser_ids
ORDER BY id LIMIT $most
