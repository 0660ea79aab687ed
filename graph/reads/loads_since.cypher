// loads: the finished writes from a number on, the last first, and what each touched, null where nobody noted it; the last number that broke off, and whether one is under way
// :params { since: 1, most: 10000 }
MATCH (l:Load {finished: true})
WHERE l.revision >= $since
RETURN l.revision AS number, l.id AS id, l.recorded_at AS recorded_at, l.undoes IS NOT NULL AS undoes, coalesce(l.erased, false) AS erased, l.touched AS touched,
  COLLECT { MATCH (t:Lease {id: 'lease'}) RETURN coalesce(t.spent, 0) }[0] AS broken_off,
  EXISTS { MATCH (o:Load {finished: false}) } AS under_way
ORDER BY number DESC LIMIT $most
