// snapshot: whom people of these ranges of ids know, of larger ids, with the sums as they stand and the instants between which they hold
// :params { spans: [["a", "b"]], begin: -62135596800000000, end: 253402214400000000 }
UNWIND $spans AS span
MATCH (p:Person)
WHERE span[0] <= p.id <= span[1]
MATCH (p)-[k:KNOWS]->(q:Person)
RETURN collect(p.id) AS first, collect(q.id) AS second, collect(k.sums) AS sums, collect(coalesce(k.last_at, $begin)) AS last_at,
  collect(coalesce(k.next_at, $end)) AS next_at
ORDER BY first LIMIT 1
