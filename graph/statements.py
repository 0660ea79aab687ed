"""Cypher written from the model: constraints, indexes, upserts, facts. Pure text."""

from graph.model import EDGES, NODES, SINCE, Edge, Node


def schema() -> list[str]:
    """Every constraint and index, each harmless when it is there already. Names are global in Neo4j, so they derive from the label or type."""
    made: list[str] = []
    for node in NODES:
        low, key = node.label.lower(), ", ".join(f"n.{name}" for name in node.key)
        made.append(f"CREATE CONSTRAINT {low}_key IF NOT EXISTS FOR (n:{node.label}) REQUIRE ({key}) IS UNIQUE")
        made += [f"CREATE INDEX {low}_{name} IF NOT EXISTS FOR (n:{node.label}) ON (n.{name})" for name in node.indexed]
        made += [f"CREATE INDEX {marker.lower()}_id IF NOT EXISTS FOR (n:{marker}) ON (n.id)" for marker in node.markers]
        if node.searched:
            texts = ", ".join(f"n.{name}" for name in node.searched)
            made.append(
                f"CREATE FULLTEXT INDEX {node.search_index} IF NOT EXISTS FOR (n:{node.label}) ON EACH [{texts}]\n"
                "OPTIONS {indexConfig: {`fulltext.analyzer`: 'cjk'}}"
            )
    for edge in EDGES:
        low = edge.type.lower()
        made.append(f"CREATE CONSTRAINT {low}_stretch IF NOT EXISTS FOR ()-[r:{edge.type}]-() REQUIRE (r.key, r.recorded_at, r.valid_from) IS UNIQUE")
        made.append(f"CREATE INDEX {low}_origin IF NOT EXISTS FOR ()-[r:{edge.type}]-() ON (r.origin, r.retracted_at)")
    return made


def upsert_nodes(node: Node) -> str:
    """Rows of all properties in, one node a key; ``markers`` follow from ``kinds``; a thing that is known already is known no later."""
    key = ", ".join(f"{name}: row.{name}" for name in node.key)
    lines = ["UNWIND $rows AS row", f"MERGE (n:{node.label} {{{key}}})"]
    if SINCE in node.props:
        lines += ["WITH n, row, n.since AS since", "SET n = row", "SET n.since = CASE WHEN since < row.since THEN since ELSE row.since END"]
    else:
        lines.append("SET n = row")
    lines += [
        f"FOREACH (_ IN CASE WHEN {marker.lower()!r} IN row.kinds THEN [1] ELSE [] END | SET n:{marker})\n"
        f"FOREACH (_ IN CASE WHEN NOT {marker.lower()!r} IN row.kinds THEN [1] ELSE [] END | REMOVE n:{marker})"
        for marker in node.markers
    ]
    return "\n".join(lines)


def digests_of(node: Node) -> str:
    """What stands of these ids: one row, to be compared with a file."""
    return f"UNWIND $ids AS id\nMATCH (n:{node.label} {{id: id}})\nRETURN collect(n.id) AS ids, collect(coalesce(n.digest, 0)) AS digests"


def values_of(node: Node) -> str:
    """All properties of these ids: one row."""
    return f"UNWIND $ids AS id\nMATCH (n:{node.label} {{id: id}})\nRETURN collect(properties(n)) AS found"


def named(node: Node) -> str:
    """Names -> ids: of things that bear the name as id, else of those whose alias it is. One row of ``[name, ids]``."""
    return (
        "UNWIND $names AS name\n"
        f"OPTIONAL MATCH (n:{node.label} {{id: name}})\n"
        f"OPTIONAL MATCH (a:Alias {{name: name}}) WHERE a.label = '{node.label}'\n"
        "WITH name, n, collect(a.entity_id) AS others\n"
        "RETURN collect([name, CASE WHEN n IS NULL THEN others ELSE [n.id] END]) AS found"
    )


GROUPS_OF_OPPORTUNITIES = (
    "UNWIND $names AS name\nMATCH (o:Opportunity {id: name})\nWHERE o.group_id IS NOT NULL\nRETURN collect([name, o.group_id]) AS found"
)
NAMES_OF_ALIASES = "UNWIND $names AS name\nMATCH (a:Alias {name: name})\nRETURN collect([name, a.entity_id, a.label]) AS found"


def forget_nodes(node: Node) -> str:
    """Things of which nobody speaks any more: gone where no fact of any time hangs on them, else bare of everything but the id and `since`."""
    markers = "".join(f" REMOVE n:{marker}" for marker in node.markers)
    return (
        f"UNWIND $ids AS id\nMATCH (n:{node.label} {{id: id}})\nSET n = {{id: id, since: n.since}}{markers}\n"
        "WITH n WHERE NOT EXISTS { (n)--() }\nDELETE n"
    )


def backdate_nodes(node: Node) -> str:
    """Things that became known before their load: dated as their facts are, when it ends."""
    return f"UNWIND $rows AS row\nMATCH (n:{node.label} {{id: row.id}})\nWHERE n.since > row.known_from\nSET n.since = row.known_from"


def hanging(node: Node) -> str:
    """`TYPE origin` of the facts that hang on these things now: one row."""
    return (
        f"UNWIND $ids AS id\nMATCH (n:{node.label} {{id: id}})-[r]-()\nWHERE r.retracted_at = $open\n"
        "RETURN collect(DISTINCT type(r) + ' ' + r.origin) AS found"
    )


def held(node: Node) -> str:
    """Those of these things on which facts hang now: one row."""
    return (
        f"UNWIND $ids AS id\nMATCH (n:{node.label} {{id: id}})\n"
        "WHERE EXISTS { MATCH (n)-[r]-() WHERE r.retracted_at = $open }\nRETURN collect(n.id) AS ids"
    )


def retract_hanging(node: Node) -> str:
    """Known until now: every fact that hangs on these things."""
    return f"UNWIND $ids AS id\nMATCH (n:{node.label} {{id: id}})-[r]-()\nWHERE r.retracted_at = $open\nSET r.retracted_at = $at"


def current_facts(edge: Edge) -> str:
    """What one origin holds true now: one row of parallel lists."""
    return (
        f"MATCH ()-[r:{edge.type}]->()\nWHERE r.origin = $origin AND r.retracted_at = $open\n"
        "RETURN collect(r.key) AS keys, collect(r.digest) AS digests, collect(r.valid_from) AS starts, collect(r.valid_to) AS ends,\n"
        "       collect(r.recorded_at) AS recorded"
    )


def known_facts(edge: Edge) -> str:
    """Every fact that is known at an instant, with its ends, row by row."""
    return (
        f"MATCH (a:{edge.source})-[r:{edge.type}]->(b)\nWHERE r.recorded_at <= $known_at < r.retracted_at\n"
        "RETURN a.id AS from_id, b.id AS to_id, properties(r) AS fact ORDER BY from_id, to_id, r.key, r.valid_from"
    )


def known_nodes(node: Node) -> str:
    """Every thing of which somebody speaks at an instant, with all properties as they are today."""
    return f"MATCH (n:{node.label})\nWHERE n.digest IS NOT NULL AND n.since <= $known_at\nRETURN properties(n) AS found ORDER BY n.id"


def values_of_facts(edge: Edge) -> str:
    """All properties of single stretches, so that a shortened one keeps its values."""
    return (
        "UNWIND $rows AS row\n"
        f"MATCH (a)-[r:{edge.type} {{key: row.key, recorded_at: row.recorded_at, valid_from: row.valid_from}}]->(b)\n"
        "RETURN collect([a.id, b.id, properties(r)]) AS facts"
    )


def retract_facts(edge: Edge) -> str:
    """Known until now. All three parts of the index are named, else Neo4j scans; a second time changes nothing."""
    return (
        "UNWIND $rows AS row\n"
        f"MATCH ()-[r:{edge.type} {{key: row.key, recorded_at: row.recorded_at, valid_from: row.valid_from}}]->()\n"
        "WHERE r.retracted_at = $open\nSET r.retracted_at = $at"
    )


def undo_creation(edge: Edge) -> str:
    """Takes out what a broken load wrote; its instant is its alone."""
    return f"MATCH ()-[r:{edge.type}]->()\nWHERE r.origin = $origin AND r.retracted_at = $open AND r.recorded_at = $at\nDELETE r"


def undo_retraction(edge: Edge) -> str:
    """Brings back what a broken load retracted."""
    return f"MATCH ()-[r:{edge.type}]->()\nWHERE r.origin = $origin AND r.retracted_at = $at\nSET r.retracted_at = $open"


def create_facts(edge: Edge) -> str:
    """Ends are matched, never made. A stretch that stands already is left alone, so that a retry changes nothing."""
    return (
        "UNWIND $rows AS row\n"
        f"MATCH (a:{edge.source} {{id: row.from_id}})\n"
        f"MATCH (b:{edge.target} {{id: row.to_id}})\n"
        "WITH a, b, row\n"
        f"WHERE NOT EXISTS {{ ()-[:{edge.type} {{key: row.fact.key, recorded_at: row.fact.recorded_at, valid_from: row.fact.valid_from}}]->() }}\n"
        f"CREATE (a)-[r:{edge.type}]->(b)\nSET r = row.fact"
    )


def backdate_creation(edge: Edge) -> str:
    """Stretches that became known before their load: a load hides its own until it ends, and then dates them in one transaction."""
    return (
        "UNWIND $rows AS row\n"
        f"MATCH ()-[r:{edge.type} {{key: row.key, recorded_at: $at, valid_from: row.valid_from}}]->()\n"
        "SET r.recorded_at = row.known_from"
    )


def backdate_retraction(edge: Edge) -> str:
    """What such a stretch replaced was known until then."""
    return (
        "UNWIND $rows AS row\n"
        f"MATCH ()-[r:{edge.type} {{key: row.key, recorded_at: row.recorded_at, valid_from: row.valid_from}}]->()\n"
        "WHERE r.retracted_at = $at\nSET r.retracted_at = row.known_from"
    )


def last_known(edge: Edge) -> str:
    """Key -> the last instant at which anything of it was recorded or retracted: one row."""
    return (
        "UNWIND $keys AS key\n"
        f"MATCH ()-[r:{edge.type}]->()\nWHERE r.key = key AND r.recorded_at < $at AND r.valid_from < $open\n"
        "WITH key, max(CASE WHEN r.retracted_at < $at THEN r.retracted_at ELSE r.recorded_at END) AS last\n"
        "RETURN collect([key, last]) AS found"
    )


def ends_of_keys(edge: Edge) -> str:
    """On what the facts of some keys ever hung, and by which references, the latest first: one row."""
    return (
        "UNWIND $keys AS key\n"
        f"MATCH (a)-[r:{edge.type}]->(b)\nWHERE r.key = key AND r.recorded_at < $at AND r.valid_from < $open\n"
        "WITH a, r, b ORDER BY r.recorded_at DESC, r.key, r.valid_from\n"
        "RETURN collect([r.from_ref, a.id, r.to_ref, b.id]) AS found"
    )


FIELDS_OF_LOAD = "l.id, l.source, l.as_of, l.recorded_at, l.origins, l.complete, coalesce(l.emptied, [])"
KNOWN_LOADS = f"MATCH (l:Load {{finished: true}}) WHERE l.unloaded_at IS NULL\nRETURN {FIELDS_OF_LOAD} ORDER BY l.revision"
BROKEN_LOADS = f"MATCH (l:Load {{finished: false}})\nRETURN {FIELDS_OF_LOAD}, l.undoes, l.revision"
LAST_LOAD = (
    "OPTIONAL MATCH (l:Load)\nWITH coalesce(max(l.revision), 0) AS number, coalesce(max(l.recorded_at), $open) AS at\n"
    "OPTIONAL MATCH (t:Lease {id: 'lease'})\nRETURN CASE WHEN t.spent > number THEN t.spent ELSE number END AS number, at"
)
REVISION = (
    "OPTIONAL MATCH (l:Load {finished: true})\n"
    "WITH collect(l) AS loads, coalesce(max(l.recorded_at), $open) AS last\n"
    "WITH loads, CASE WHEN $known_at < last THEN $known_at ELSE last END AS known_at\n"
    "RETURN reduce(number = 0, l IN loads | CASE WHEN l.recorded_at <= known_at AND l.revision > number THEN l.revision ELSE number END) AS number,\n"
    "  known_at,\n"
    "  COLLECT { UNWIND loads AS l UNWIND l.sources AS source\n"
    "            WITH l, source WHERE l.undoes IS NULL AND (l.unloaded_at IS NULL OR l.unloaded_at > known_at)\n"
    "            WITH source, min(CASE WHEN l.recorded_at <= known_at THEN l.as_of END) AS then, min(l.as_of) AS ever\n"
    "            RETURN [source, coalesce(then, ever)] } AS spoken"
)
"""Number and instant of what is known at an instant, and when each source was first asked about the world.

Nothing is known after the last finished load, so whoever asks later than that asks for that, and nobody sees the half of one that is under way.
"""
FINISH_LOAD = "MATCH (l:Load {id: $id})\nSET l.finished = true"
UNLOADED = "MATCH (l:Load {id: $id})\nSET l.unloaded_at = $at"
FORGET_LOAD = "MATCH (l:Load {id: $id})\nDELETE l"
SPEND_NUMBER = "MATCH (t:Lease {id: 'lease'})\nSET t.spent = CASE WHEN t.spent > $number THEN t.spent ELSE $number END"
SAID = (
    "MATCH (s:Said {about: $about})\nWHERE s.load_id IN $loads AND ($origin IS NULL OR s.origin = $origin)\n"
    "RETURN s.load_id, s.origin, s.rows ORDER BY s.id"
)
FORGET_SAID = "MATCH (s:Said {load_id: $id})\nDELETE s"
FORGET_ALIASES = "UNWIND $rows AS row\nMATCH (a:Alias {name: row.name, entity_id: row.entity_id, label: row.label})\nDELETE a"
ALL_ALIASES = "MATCH (a:Alias)\nRETURN a.name, a.entity_id, a.label ORDER BY a.name, a.entity_id"

LEASE_HOLDER = "MATCH (l:Lease {id: 'lease'})\nWHERE l.holder IS NOT NULL\nRETURN l.holder AS holder"
TAKE_LEASE = """MERGE (l:Lease {id: 'lease'})
SET l.asked = true REMOVE l.asked
WITH l WHERE l.holder IS NULL OR l.until < timestamp() OR l.holder IN $mine
SET l.holder = $holder, l.until = timestamp() + $milliseconds
RETURN l.id AS id"""
HOLD_LEASE = "MATCH (l:Lease {id: 'lease', holder: $holder})\nSET l.until = timestamp() + $milliseconds\nRETURN l.id AS id"
GIVE_LEASE = "MATCH (l:Lease {id: 'lease', holder: $holder})\nREMOVE l.holder, l.until"

FOUND_VERSION = "MATCH (s:Schema {id: 'schema'})\nRETURN s.version AS version, EXISTS { MATCH (l:Load) } AS loaded"
WRITE_VERSION = "MERGE (s:Schema {id: 'schema'})\nSET s.version = $version"
