"""Cypher written from the model: constraints, indexes, upserts, facts. Pure text."""

from collections.abc import Mapping
from typing import Any

from graph.model import DERIVED, EDGES, NODE, NODES, SINCE, TIES, Edge, Node, written_as


def keys() -> list[str]:
    """The constraints by which nodes are found."""
    return [
        f"CREATE CONSTRAINT {node.label.lower()}_key IF NOT EXISTS FOR (n:{node.label}) "
        f"REQUIRE ({', '.join(f'n.{name}' for name in node.key)}) IS UNIQUE"
        for node in NODES
    ]


def schema() -> list[str]:
    """Every constraint and index, each harmless when it is there already. Names are global in Neo4j, so they derive from the label or type."""
    made = keys()
    for node in NODES:
        low = node.label.lower()
        made += [f"CREATE INDEX {low}_{name} IF NOT EXISTS FOR (n:{node.label}) ON (n.{name})" for name in node.indexed]
        made += [f"CREATE INDEX {marker.lower()}_id IF NOT EXISTS FOR (n:{marker}) ON (n.id)" for marker in node.markers]
        if node.searched:
            texts = ", ".join(f"n.{name}" for name in node.searched)
            made.append(
                f"CREATE FULLTEXT INDEX {node.search_index} IF NOT EXISTS FOR (n:{node.label}) ON EACH [{texts}]\n"
                "OPTIONS {indexConfig: {`fulltext.analyzer`: 'cjk'}}"
            )
        made += [
            f"CREATE FULLTEXT INDEX {node.item_index(name)} IF NOT EXISTS FOR (n:{node.label}) ON EACH [n.{name}]\n"
            "OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace'}}"
            for name in node.itemised
        ]
    for edge in EDGES:
        low = edge.type.lower()
        made.append(f"CREATE CONSTRAINT {low}_stretch IF NOT EXISTS FOR ()-[r:{edge.type}]-() REQUIRE (r.key, r.recorded_at, r.valid_from) IS UNIQUE")
        made.append(f"DROP INDEX {low}_origin IF EXISTS")
        made.append(f"CREATE INDEX {low}_standing IF NOT EXISTS FOR ()-[r:{edge.type}]-() ON (r.origin, r.retracted_at, r.key)")
    made += [
        f"CREATE INDEX {edge.type.lower()}_{name} IF NOT EXISTS FOR ()-[r:{edge.type}]-() ON (r.{name})"
        for edge in (*DERIVED, *TIES)
        for name in edge.indexed
    ]
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


def create_nodes(node: Node) -> str:
    """Rows of all properties in the order of the model, as lists: things that are not there yet, unless this was sent before."""
    values = ", ".join(f"{prop.name}: row[{place}]" for place, prop in enumerate(node.props))
    key = ", ".join(f"{prop.name}: row[{place}]" for place, prop in enumerate(node.props) if prop.name in node.key)
    there = f"EXISTS {{ (:{node.label} {{{key}}}) }}"
    lines = ["UNWIND $rows AS row", f"WITH row WHERE NOT $again OR NOT {there}", f"CREATE (n:{node.label} {{{values}}})"]
    lines += [f"FOREACH (_ IN CASE WHEN {marker.lower()!r} IN n.kinds THEN [1] ELSE [] END | SET n:{marker})" for marker in node.markers]
    return "\n".join(lines)


DIGESTS = "RETURN collect(n.id) AS ids, collect(coalesce(n.digest, 0)) AS digests"


def digests_of(node: Node) -> str:
    """What stands of these ids: one row, to be compared with a file."""
    return f"UNWIND $names AS id\nMATCH (n:{node.label} {{id: id}})\n{DIGESTS}"


def digests_between(node: Node) -> str:
    """What stands of the ids from ``first`` to ``last``, at most so many: one row."""
    return f"MATCH (n:{node.label})\nWHERE n.id >= $first AND n.id <= $last\nWITH n LIMIT $most\n{DIGESTS}"


def known_of(node: Node) -> str:
    """Those of these ids that things bear of which somebody speaks: one row."""
    return f"UNWIND $names AS id\nMATCH (n:{node.label} {{id: id}})\nWHERE n.digest IS NOT NULL\nRETURN collect(n.id) AS ids"


def known_between(node: Node) -> str:
    """The same from ``first`` to ``last``, at most so many."""
    return f"MATCH (n:{node.label})\nWHERE n.id >= $first AND n.id <= $last AND n.digest IS NOT NULL\nWITH n LIMIT $most\nRETURN collect(n.id) AS ids"


def values_of(node: Node) -> str:
    """All properties of these ids: one row."""
    return f"UNWIND $ids AS id\nMATCH (n:{node.label} {{id: id}})\nRETURN collect(properties(n)) AS found"


BEARERS = "RETURN collect(a.name) AS names, collect(a.entity_id) AS ids, collect(a.label) AS labels, collect(a.record) AS records"
BEARERS_OF = f"UNWIND $names AS name\nMATCH (a:Alias {{name: name}})\n{BEARERS}"
"""Aliases, the ids of what bears them, its labels, and the records that brought them: one row of parallel lists."""
BEARERS_BETWEEN = f"MATCH (a:Alias)\nWHERE a.name >= $first AND a.name <= $last\nWITH a LIMIT $most\n{BEARERS}"
"""The same of the names from ``first`` to ``last``, at most so many."""
GROUPS_OF_OPPORTUNITIES = (
    "UNWIND $names AS name\nMATCH (o:Opportunity {id: name})\nWHERE o.group_id IS NOT NULL\n"
    "RETURN collect([name, o.group_id, coalesce(o.group_ref, o.group_id)]) AS found"
)


def forget_nodes(node: Node) -> str:
    """Things of which nobody speaks any more: gone where no fact of any time hangs on them, else bare of everything but the id and `since`."""
    markers = "".join(f" REMOVE n:{marker}" for marker in node.markers)
    return (
        f"UNWIND $ids AS id\nMATCH (n:{node.label} {{id: id}})\nSET n = {{id: id, since: n.since}}{markers}\n"
        f"WITH n WHERE NOT EXISTS {{ (n)-[r]-() WHERE NOT type(r) IN {[edge.type for edge in DERIVED]} }}\nDETACH DELETE n"
    )


def wake_nodes(node: Node) -> str:
    """Forgotten things of which the load under way speaks again: facts may hang on them, and nobody sees them before it ends."""
    return f"UNWIND $ids AS id\nMATCH (n:{node.label} {{id: id}})\nSET n.digest = 0"


def backdate_nodes(node: Node) -> str:
    """Things that became known before their load: dated as their facts are, when it ends."""
    return f"UNWIND $rows AS row\nMATCH (n:{node.label} {{id: row.id}})\nWHERE n.since > row.known_from\nSET n.since = row.known_from"


def drop_nodes(node: Node) -> str:
    """Things that became another, from which all facts have moved."""
    return f"UNWIND $ids AS id\nMATCH (n:{node.label} {{id: id}})\nDELETE n"


def hanging(node: Node) -> str:
    """`TYPE origin` of the facts that hang on these things now: one row."""
    return (
        f"UNWIND $ids AS id\nMATCH (n:{node.label} {{id: id}})-[r]-()\nWHERE r.retracted_at = $open\n"
        "RETURN collect(DISTINCT type(r) + ' ' + r.origin) AS found"
    )


def once_hanging(node: Node) -> str:
    """`TYPE origin` and key of every fact that ever hung on these things, by one of ``names`` if given, and on another that is known: one row."""
    return (
        f"UNWIND $rows AS row\nMATCH (n:{node.label} {{id: row.id}})-[r]-(other)\nWHERE r.origin IS NOT NULL AND other.digest IS NOT NULL\n"
        "  AND (row.names IS NULL OR startNode(r) = n AND r.from_ref IN row.names OR endNode(r) = n AND r.to_ref IN row.names)\n"
        "RETURN collect(DISTINCT [type(r) + ' ' + r.origin, r.key]) AS found"
    )


def retract_hanging(node: Node) -> str:
    """Known until now: every fact that hangs on these things, or those that name them by one of ``names``."""
    return (
        f"UNWIND $rows AS row\nMATCH (n:{node.label} {{id: row.id}})-[r]-()\n"
        "WHERE r.retracted_at = $open\n"
        "  AND (row.names IS NULL OR startNode(r) = n AND r.from_ref IN row.names OR endNode(r) = n AND r.to_ref IN row.names)\n"
        "SET r.retracted_at = $at"
    )


STANDING = (
    "RETURN collect(r.key) AS keys, collect(r.valid_from) AS starts, collect(r.valid_to) AS ends, collect(r.digest) AS digests,\n"
    "       collect(r.recorded_at) AS recorded"
)


def facts_between(edge: Edge) -> str:
    """What one origin holds true now of the keys from ``first`` to ``last``, in their order, at most so many: one row of parallel lists."""
    return (
        f"MATCH ()-[r:{edge.type}]->()\nWHERE r.origin = $origin AND r.retracted_at = $open AND r.key >= $first AND r.key <= $last\n"
        f"WITH r ORDER BY r.origin, r.retracted_at, r.key LIMIT $most\n{STANDING}"
    )


def facts_of_keys(edge: Edge) -> str:
    """The same of these keys alone."""
    return f"UNWIND $names AS key\nMATCH ()-[r:{edge.type}]->()\nWHERE r.origin = $origin AND r.retracted_at = $open AND r.key = key\n{STANDING}"


def known_facts(edge: Edge) -> str:
    """Every fact that is known at an instant, with its ends, row by row."""
    return (
        f"MATCH (a:{edge.source})-[r:{edge.type}]->(b)\nWHERE r.recorded_at <= $known_at < r.retracted_at\n"
        "RETURN a.id AS from_id, b.id AS to_id, properties(r) AS fact ORDER BY from_id, to_id, r.key, r.valid_from"
    )


def known_nodes(node: Node) -> str:
    """Every thing of which somebody speaks at an instant, with all properties as they are today."""
    return f"MATCH (n:{node.label})\nWHERE n.digest <> 0 AND n.since <= $known_at\nRETURN properties(n) AS found ORDER BY n.id"


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
    """Takes out what a broken load wrote; its instant is its alone. The key is named so that the index serves."""
    return (
        f"MATCH ()-[r:{edge.type}]->()\nWHERE r.origin = $origin AND r.retracted_at = $open AND r.key IS NOT NULL AND r.recorded_at = $at\nDELETE r"
    )


def undo_retraction(edge: Edge) -> str:
    """Brings back what a broken load retracted."""
    return f"MATCH ()-[r:{edge.type}]->()\nWHERE r.origin = $origin AND r.retracted_at = $at AND r.key IS NOT NULL\nSET r.retracted_at = $open"


ONE_LOAD = ("origin", "recorded_at", "retracted_at", "load_id")
"""What all facts of an origin that one load writes have in common."""
EACH_FACT = ("key", "digest", "valid_from", "valid_to", "confidence", "from_ref", "to_ref")
"""What differs from fact to fact, in the order in which rows give it: maps would send every name again with every row."""


def fact_row(edge: Edge, from_id: str, to_id: str, fact: Mapping[str, Any]) -> list[Any]:
    """A fact as ``create_facts`` takes it: both ends, ``EACH_FACT``, and what its type has."""
    return [from_id, to_id, *map(fact.get, EACH_FACT), *(fact.get(prop.name) for prop in edge.props)]


def create_facts(edge: Edge) -> str:
    """Ends are matched, never made, and nothing hangs on what is forgotten. Stretches are new, unless this was sent before."""
    values = ", ".join(f"{name}: row[{place}]" for place, name in enumerate((*EACH_FACT, *(prop.name for prop in edge.props)), 2))
    common = ", ".join(f"{name}: ${name}" for name in ONE_LOAD)
    key, start = (2 + EACH_FACT.index(name) for name in ("key", "valid_from"))
    return (
        "UNWIND $rows AS row\n"
        f"MATCH (a:{edge.source} {{id: row[0]}})\n"
        f"MATCH (b:{edge.target} {{id: row[1]}})\n"
        "WITH a, b, row\n"
        "WHERE a.digest IS NOT NULL AND b.digest IS NOT NULL\n"
        f"AND (NOT $again OR NOT EXISTS {{ ()-[:{edge.type} {{key: row[{key}], recorded_at: $recorded_at, valid_from: row[{start}]}}]->() }})\n"
        f"CREATE (a)-[:{edge.type} {{{values}, {common}}}]->(b)"
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
KNOWN_LOADS = f"MATCH (l:Load {{finished: true}}) WHERE l.unloaded_at IS NULL AND l.erased IS NULL\nRETURN {FIELDS_OF_LOAD} ORDER BY l.revision"
TAKE_BACKS = "MATCH (l:Load {finished: true}) WHERE l.undoes IS NOT NULL\nRETURN l.id, l.undoes"
BROKEN_LOADS = f"MATCH (l:Load {{finished: false}})\nRETURN {FIELDS_OF_LOAD}, l.undoes, l.erasing, l.letting_go"
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
FINISH_LOAD = "MATCH (l:Load {id: $id})\nSET l.finished = true, l.finished_at = $at"
UNLOADED = "MATCH (l:Load {id: $id})\nSET l.unloaded_at = $at"
ANY_TAKEN_BACK = "RETURN EXISTS { MATCH (l:Load) WHERE l.unloaded_at IS NOT NULL } AS any"
MORE_ORIGINS = "MATCH (l:Load {id: $id})\nSET l.origins = $origins"
FORGET_LOAD = "MATCH (l:Load {id: $id})\nDELETE l"
SPEND_NUMBER = "MATCH (t:Lease {id: 'lease'})\nSET t.spent = CASE WHEN t.spent > $number THEN t.spent ELSE $number END"
SAID = (
    "MATCH (s:Said {about: $about})\nWHERE s.load_id IN $loads AND ($origin IS NULL OR s.origin = $origin)\n"
    "RETURN s.load_id, s.origin, s.rows ORDER BY s.id"
)
FORGET_SAID = "MATCH (s:Said {load_id: $id})\nDELETE s"
FORGET_ALIASES = "UNWIND $rows AS row\nMATCH (a:Alias {name: row.name, record: row.record, label: row.label})\nDELETE a"
ALL_ALIASES = "MATCH (a:Alias)\nRETURN DISTINCT a.name AS name, a.entity_id AS id, a.label AS label ORDER BY name, id"

ANY_RECORD = "RETURN COUNT { (:Record) } AS number"
RECORDS = (
    "UNWIND $ids AS id\nMATCH (r:Record {id: id, label: $label})\nWHERE r.entity_id <> ''\n"
    "RETURN collect([r.id, r.entity_id, r.since, r.says]) AS found"
)
RECORDS_OF_ENTITIES = "UNWIND $ids AS id\nMATCH (r:Record {entity_id: id})\nWHERE r.label = $label\nRETURN collect([r.id, r.entity_id]) AS found"
NAMED_RECORDS = (
    "UNWIND $ids AS name\nMATCH (a:Alias {name: name})\nWHERE a.label = $label\nRETURN collect(DISTINCT [name, a.record, a.entity_id]) AS found"
)
EMPLOYED = (
    "UNWIND $rows AS row\nMATCH (c:Company {id: row.id})<-[w:WORKS_AT]-()\nWHERE w.to_ref IN row.refs\nRETURN collect(DISTINCT w.from_ref) AS found"
)
ALL_RECORDS = "MATCH (r:Record)\nWHERE r.entity_id <> ''\nRETURN r.label AS label, r.entity_id AS entity, r.says AS says ORDER BY label, entity"
RECORDS_AFTER = (
    "MATCH (r:Record)\nWHERE r.entity_id > $after\n"
    "RETURN r.label AS label, r.entity_id AS entity, r.says AS says, r.id AS id ORDER BY entity, label, id LIMIT $most"
)
ALL_DECISIONS = (
    "MATCH (a:Record)-[t:SAME_AS|NOT_SAME_AS]->(b:Record)\n"
    "WHERE t.revision > 0 AND t.revision <= $number AND a.entity_id <> '' AND b.entity_id <> ''\n"
    "RETURN a.label AS label, a.id AS one, b.id AS other, a.entity_id AS first, b.entity_id AS second, type(t) = 'SAME_AS' AS same\n"
    "ORDER BY t.rule <> $declared, t.revision, one, other"
)
CLAIMED = "UNWIND $ids AS id\nMATCH (a:Alias {name: id})\nWHERE a.label = $label AND a.record <> id\nRETURN collect([id, a.record]) AS found"
TIES_OF_RECORDS = (
    "UNWIND $ids AS id\nMATCH (r:Record {id: id, label: $label})-[t:SAME_AS|NOT_SAME_AS]-(o:Record)\n"
    "RETURN collect([r.id, o.id, o.entity_id, type(t) = 'SAME_AS', t.rule, t.score, t.why, t.author, t.revision, t.open]) AS found"
)
FORGET_TIES = (
    "UNWIND $rows AS row\nMATCH (a:Record {id: row.left, label: $label})-[t:SAME_AS {revision: 0, rule: row.rule}]->(b:Record {id: row.right})\n"
    "WHERE b.label = $label\nDELETE t"
)
SET_RECORDS = "UNWIND $rows AS row\nMERGE (r:Record {id: row.id, label: row.label})\nSET r += row"
"""Records with what is given of them; the rest stays."""
FIND_RECORDS_BY = "UNWIND $rows AS row\nMATCH (r:Record {id: row.id, label: row.label})\nSET r.names = row.names"
FORGET_RECORDS = "UNWIND $ids AS id\nMATCH (r:Record {id: id, label: $label})\nDETACH DELETE r"
BEARERS = (
    "UNWIND $ids AS id\n"
    "OPTIONAL MATCH (r:Record {id: id, label: $label})\n"
    "WITH id, r, COLLECT { MATCH (a:Alias {name: id}) WHERE a.label = $label RETURN a.record } AS bearing\n"
    "UNWIND bearing + CASE WHEN r IS NULL THEN [] ELSE [r.id] END AS record\n"
    "RETURN collect(DISTINCT [id, record]) AS found"
)
TOMBSTONES = "MATCH (t:Tombstone)\nRETURN t.id AS mark, t.key_id AS key_id ORDER BY mark"
BEGIN_ERASURE = "MATCH (l:Load {id: $id})\nSET l.erasing = $names"
END_ERASURE = "MATCH (l:Load {id: $id})\nREMOVE l.erasing SET l.erased = true"
BEGIN_LETTING_GO = "MATCH (l:Load {id: $id})\nSET l.letting_go = $limits"
END_LETTING_GO = "MATCH (l:Load {id: $id})\nREMOVE l.letting_go SET l.erased = true"
OLD_INTERACTIONS = (
    "UNWIND $rows AS row\nMATCH (i:Interaction)\nWHERE i.at < row.before AND i.type = row.type\nWITH i LIMIT $most\nRETURN collect(i.id) AS ids"
)
HOW_MANY_OLD = (
    "UNWIND $rows AS row\nMATCH (i:Interaction)\nWHERE i.at < row.before AND i.type = row.type\n"
    "RETURN row.type AS type, count(i) AS interactions, sum(COUNT { (i)<-[:TOOK_PART]-() }) AS parts"
)
FORGET_INTERACTIONS = "UNWIND $ids AS id\nMATCH (i:Interaction {id: id})\nDETACH DELETE i"
NOBODY_LEFT = (
    "MATCH (p:Person)\nWHERE p.anonymous AND NOT EXISTS { (p)-[r]-() WHERE type(r) <> 'KNOWS' }\n"
    "WITH p.id AS id LIMIT $most\nRETURN collect(id) AS ids"
)
"""People known only by an identifier of whom nothing is left."""
ERASE_PERSON = "UNWIND $ids AS id\nMATCH (p:Person {id: id})\nDETACH DELETE p"
SAID_OF = "MATCH (s:Said {about: $about})\nRETURN s.id, s.rows ORDER BY s.id"
REWRITE_SAID = "MATCH (s:Said {id: $id})\nSET s.rows = $rows"
FORGET_ONE_SAID = "MATCH (s:Said {id: $id})\nDELETE s"
SHARING_KEYS = (
    f"CALL db.index.fulltext.queryNodes('{NODE['Record'].item_index('keys')}', $query) YIELD node AS r\nRETURN collect([r.id, r.keys]) AS found"
)
"""The records that have one of the match keys of a query of the full-text index."""


def tie_records(type_: str) -> str:
    """Ties between records that stand already; a second time changes nothing."""
    return (
        "UNWIND $rows AS row\n"
        "MATCH (a:Record {id: row.left, label: $label})\nMATCH (b:Record {id: row.right, label: $label})\n"
        f"MERGE (a)-[t:{type_} {{revision: row.tie.revision, rule: row.tie.rule}}]->(b)\nSET t = row.tie"
    )


def decided_in(type_: str) -> str:
    """Label and ids of the records that a write tied or declared apart: one row."""
    return f"MATCH (a:Record)-[t:{type_}]->(b:Record) WHERE t.revision = $revision\nRETURN collect([a.label, a.id, b.id]) AS found"


def facts_quoting(edge: Edge) -> str:
    """Facts that name one of these in one of these properties: all of the type are looked at. One row."""
    return f"MATCH ()-[r:{edge.type}]->()\nWHERE any(name IN $quoting WHERE r[name] IN $names)\nRETURN collect(properties(r)) AS found"


def _stretches(edge: Edge) -> str:
    place = "key: row.key, recorded_at: row.recorded_at, valid_from: row.valid_from"
    return f"UNWIND $rows AS row\nMATCH ()-[r:{edge.type} {{{place}}}]->()"


def erase_facts(edge: Edge) -> str:
    """Single stretches go."""
    return f"{_stretches(edge)}\nDELETE r"


def change_facts(edge: Edge) -> str:
    """Single stretches get other values; null takes one away."""
    return f"{_stretches(edge)}\nSET r += row.values"


HOW_MUCH = "RETURN COUNT { (n) } AS nodes, COUNT { ()-[r]->() } AS edges"


def _key(node: Node, name: str) -> str:
    return "[" + ", ".join(f"{name}.{prop}" for prop in node.key) + "]"


def _page(node: Node) -> str:
    """Nodes ``n`` in the order of their keys, from the first part of a key on; ``seen`` of those that have just that were told already."""
    order = ", ".join(f"n.{prop}" for prop in node.key)
    tests = " AND ".join([f"n.{node.key[0]} >= $last", *(f"n.{prop} >= ''" for prop in node.key[1:])])
    return f"MATCH (n:{node.label})\nWHERE {tests}\nWITH n ORDER BY {order} SKIP $seen LIMIT $most\n"


def nodes_after(node: Node) -> str:
    """A page of nodes with all that they bear: one row of their keys and of ``[labels, properties]``."""
    return f"{_page(node)}RETURN collect({_key(node, 'n')}) AS keys, collect([labels(n), properties(n)]) AS found"


def edges_after(edge: Edge) -> str:
    """All edges of a type that begin at a page of nodes: one row of the keys of these and of ``[start, end, properties]``."""
    start, end = _key(NODE[edge.source], "n"), _key(NODE[edge.target], "m")
    return (
        f"{_page(NODE[edge.source])}WITH collect(n) AS some\nRETURN [n IN some | {start}] AS keys,\n"
        f"  COLLECT {{ UNWIND some AS n MATCH (n)-[r:{edge.type}]->(m:{edge.target}) RETURN [{start}, {end}, properties(r)] }} AS found"
    )


def copy_nodes(node: Node) -> str:
    """Nodes as ``nodes_after`` tells them."""
    marks = [f"FOREACH (_ IN CASE WHEN {mark!r} IN row[0] THEN [1] ELSE [] END | SET n:{mark})" for mark in (*node.markers, *node.found)]
    return "\n".join(["UNWIND $rows AS row", f"CREATE (n:{node.label})", "SET n = row[1]", *marks])


def copy_edges(edge: Edge) -> str:
    """Edges as ``edges_after`` tells them."""
    ends = [
        f"MATCH ({name}:{label} {{{', '.join(f'{prop}: row[{place}][{number}]' for number, prop in enumerate(NODE[label].key))}}})"
        for place, (name, label) in enumerate((("a", edge.source), ("b", edge.target)))
    ]
    return "\n".join(["UNWIND $rows AS row", *ends, f"CREATE (a)-[r:{edge.type}]->(b)", "SET r = row[2]"])


GRANTED = (
    "MATCH (g:Grant {principal: $principal})\nWHERE g.since <= $known_at\n"
    "RETURN collect([g.role, g.territory_id, coalesce(g.ends_at, $open)]) AS granted"
)
"""What was granted to a principal: roles, territories (null for everywhere) and ends."""
TERRITORIES = "MATCH (t:Territory)\nWHERE t.id >= ''\nRETURN collect([t.id, t.parent_id]) AS territories"
ALL_GRANTS = (
    "MATCH (g:Grant)\nWHERE g.principal >= '' AND g.since <= $known_at\n"
    "WITH g ORDER BY g.principal, g.role, g.territory_id\n"
    "RETURN collect([g.principal, g.role, g.territory_id, coalesce(g.ends_at, $open)]) AS granted"
)
API_KEY = (
    "MATCH (k:ApiKey {id: $id})\n"
    "RETURN k.mark AS mark, k.principal AS principal, k.opens AS opens, k.expires_at AS expires_at, k.revoked_at AS revoked_at"
)
API_KEYS = (
    "MATCH (k:ApiKey)\nWHERE k.principal >= ''\nWITH k ORDER BY k.principal, k.created_at, k.id\n"
    "RETURN collect([k.id, k.principal, k.secret_id, k.opens, k.created_at, k.expires_at, k.revoked_at]) AS keys"
)
ANY_API_KEY = "MATCH (k:ApiKey)\nWHERE k.principal >= ''\nRETURN k.id AS id LIMIT 1"
REVOKE_API_KEY = "MATCH (k:ApiKey {id: $id})\nSET k.revoked_at = CASE WHEN k.revoked_at < $at THEN k.revoked_at ELSE $at END"
REVOKE_KEYS_OF = (
    "MATCH (k:ApiKey)\nWHERE k.principal > '' AND (k.principal IN $names OR $mail + toLower(k.principal) IN $names)\n"
    "SET k.principal = '', k.revoked_at = CASE WHEN k.revoked_at < $at THEN k.revoked_at ELSE $at END"
)
"""The keys of somebody who is erased: they stay, without a name, since where there was a key nobody is let in without one."""
GRANTS_OF = "MATCH (g:Grant)\nWHERE g.principal IN $names OR $mail + toLower(g.principal) IN $names\nRETURN collect(g.id) AS ids"
"""What was granted to a principal of one of these names; a mailbox stands in any case."""
WHO_SIGNED = "MATCH (l:Load)\nRETURN collect(l {.id, .by_hand, .source, .sources, .origins, .complete, .emptied}) AS found"
SIGN_LOADS = "UNWIND $rows AS row\nMATCH (l:Load {id: row.id})\nSET l += row.values"
SIGN_SAID = "MATCH (s:Said {about: $about})\nWHERE s.origin = $old\nSET s.origin = $new, s.id = replace(s.id, ' ' + $old + ' ', ' ' + $new + ' ')"


def sign_facts(edge: Edge) -> str:
    """Facts of one origin get another: all of the type are looked at."""
    return f"MATCH ()-[r:{edge.type}]->()\nWHERE r.origin = $old\nSET r.origin = $new"


def sign_ties(type_: str) -> str:
    """Decisions of an author get another."""
    return f"MATCH ()-[t:{type_}]->()\nWHERE t.author = $old\nSET t.author = $new"


def forget_decisions(type_: str) -> str:
    """What a person decided in a write is undecided."""
    return f"MATCH ()-[t:{type_}]->() WHERE t.revision = $revision\nDELETE t"


def ensure_nodes(node: Node) -> str:
    """The things to which facts are about to move."""
    return f"UNWIND $ids AS id\nMERGE (n:{node.label} {{id: id}})"


def hanging_on(node: Node) -> str:
    """How many facts of any time hang on these things, and of which types: one row of ``[id, number, types]``."""
    return (
        f"UNWIND $ids AS id\nMATCH (n:{node.label} {{id: id}})\n"
        "RETURN collect([id, COUNT { (n)--() }, COLLECT { MATCH (n)-[r]-() RETURN DISTINCT type(r) }]) AS found"
    )


def move_facts(edge: Edge, end: str) -> str:
    """Facts of any time go from one thing to another, those that came with ``refs`` or all; nothing else about them changes.

    ``end`` is ``source`` or ``target``. A fact is deleted before it is made anew, since it must be unique at every moment.
    """
    label, ref = (edge.source, "from_ref") if end == "source" else (edge.target, "to_ref")
    old, new = (f"-[r:{edge.type}]->", f"-[n:{edge.type}]->") if end == "source" else (f"<-[r:{edge.type}]-", f"<-[n:{edge.type}]-")
    return (
        "UNWIND $rows AS row\n"
        f"MATCH (a:{label} {{id: row.from_id}}){old}(x)\n"
        f"WHERE (row.refs IS NULL OR r.{ref} IN row.refs) AND NOT r.{ref} IN row.but\n"
        f"MATCH (b:{label} {{id: row.to_id}})\n"
        "WITH r, b, x, properties(r) AS was\nDELETE r\n"
        f"CREATE (b){new}(x)\nSET n = was"
    )


def point_anew(node: Node, name: str) -> str:
    """Things that name another by an indexed property name it by its new id, those that wrote one of ``refs`` or all."""
    own = written_as(name)
    return (
        "UNWIND $rows AS row\n"
        f"MATCH (n:{node.label} {{{name}: row.from_id}})\n"
        f"WITH n, row, coalesce(n.{own}, n.{name}) AS own\nWHERE (row.refs IS NULL OR own IN row.refs) AND NOT own IN row.but\n"
        f"SET n.{name} = row.to_id, n.{own} = CASE WHEN own <> row.to_id THEN own END"
    )


def naming(node: Node, name: str) -> str:
    """Things that name one of these by a property that has no index: all are looked at. One row of ``[id, named, as written]``."""
    test = f"any(id IN n.{name} WHERE id IN $ids)" if name.endswith("s") else f"n.{name} IN $ids"
    return f"MATCH (n:{node.label})\nWHERE {test}\nRETURN collect([n.id, n.{name}, n.{written_as(name)}]) AS found"


def set_named(node: Node, name: str) -> str:
    """These things name others."""
    return f"UNWIND $rows AS row\nMATCH (n:{node.label} {{id: row.id}})\nSET n.{name} = row.named, n.{written_as(name)} = row.written"


def _of_two(then: str) -> str:
    """Rows of two people first: both are found before anything between them, else Neo4j may walk all edges of one to look for the other."""
    return f"UNWIND $rows AS row\nMATCH (a:Person {{id: row[0]}})\nMATCH (b:Person {{id: row[1]}})\nWITH a, b, row\n{then}"


FACTS_BY_KEY = "\nUNION\n".join(
    f"MATCH (a)-[r:{edge.type}]->(b)\nWHERE r.key = $key AND r.recorded_at >= $least AND r.valid_from >= $least AND r.retracted_at = $open\n"
    "WITH type(r) AS type, r.origin AS origin, r.from_ref AS from_ref, r.to_ref AS to_ref, collect(r.valid_from) AS starts,\n"
    "     collect(DISTINCT a.id) AS sources, collect(DISTINCT b.id) AS targets\n"
    "RETURN type, origin, from_ref, to_ref, starts, sources, targets"
    for edge in EDGES
)
"""The fact that counts now and has this key: its type, its origin, its ends as the source names them, the starts of its stretches, its ends."""

TAKING_PART = "r.retracted_at = $open AND i.noise IS NULL AND i.status IN $statuses AND i.type IN $types"
RETRACTED_PARTS = (
    "MATCH ()-[r:TOOK_PART]->(i)\nWHERE r.origin = $origin AND r.retracted_at = $at AND r.key IS NOT NULL\nRETURN collect(DISTINCT i.id) AS ids"
)
INTERACTIONS = "UNWIND $ids AS id\nMATCH (i:Interaction {id: id})\nRETURN collect([i.id, i.type, i.at, i.status, i.noise, i:Broadcast]) AS found"
PARTS = (
    "UNWIND $ids AS id\nMATCH (i:Interaction {id: id})\n"
    "WITH i, i.noise IS NULL AND i.status IN $statuses AND i.type IN $types AS counts\nMATCH (p)-[r:TOOK_PART]->(i)\n"
    "WHERE r.retracted_at >= $at AND r.valid_to > $at AND (counts OR r.recorded_at < $at)\n"
    "RETURN collect(i.id) AS ids, collect(p.id) AS people, collect(r.part) AS parts, collect(r.confidence) AS sure,\n"
    "       collect(r.valid_from) AS starts, collect(r.valid_to) AS ends, collect(r.recorded_at < $at) AS before,\n"
    "       collect(r.retracted_at = $open) AS known"
)
PARTS_OF_PEOPLE = f"UNWIND $ids AS id\nMATCH (p:Person {{id: id}})-[r:TOOK_PART]->(i)\nWHERE {TAKING_PART}\nRETURN collect(DISTINCT i.id) AS ids"
HOW_MANY_PARTS = "UNWIND $ids AS id\nMATCH (p:Person {id: id})\nRETURN collect([p.id, COUNT { (p)-[:TOOK_PART]->() }]) AS found"
SHARED = _of_two(
    f"MATCH (a)-[r:TOOK_PART]->(i)\nWHERE {TAKING_PART}\n"
    "WITH DISTINCT b, i\nMATCH (b)-[s:TOOK_PART]->(i)\nWHERE s.retracted_at = $open\nRETURN collect(DISTINCT i.id) AS ids"
)
KNOWS = _of_two("MATCH (a)-[k:KNOWS]->(b)\nRETURN collect([a.id, b.id, properties(k)]) AS found")
KNOWS_DUE = "MATCH (a)-[k:KNOWS]->(b)\nWHERE k.next_at <= $at\nRETURN collect([a.id, b.id]) AS pairs"
SET_KNOWS = _of_two("MERGE (a)-[k:KNOWS]->(b)\nSET k = row[2]")
FORGET_KNOWS = _of_two("MATCH (a)-[k:KNOWS]->(b)\nDELETE k")
FORGET_KNOWS_OF = "UNWIND $ids AS id\nMATCH (p:Person {id: id})-[k:KNOWS]-()\nDELETE k"
FORGET_SAID_OF = "MATCH (s:Said {load_id: $id, about: $about})\nDELETE s"
SET_BROADCAST = "UNWIND $ids AS id\nMATCH (i:Interaction {id: id})\nSET i:Broadcast"
UNSET_BROADCAST = "UNWIND $ids AS id\nMATCH (i:Interaction {id: id})\nREMOVE i:Broadcast"

NOTE_TOUCHED = "MATCH (l:Load {id: $id})\nSET l.touched = $touched"
FORGET_TOUCHED = "MATCH (l:Load {finished: true})\nREMOVE l.touched"


def retracted_starts(edge: Edge) -> str:
    """On what the facts hung, by their starts, that one origin holds no longer since an instant: one row."""
    return (
        f"MATCH (a)-[r:{edge.type}]->()\nWHERE r.origin = $origin AND r.retracted_at = $at AND r.key IS NOT NULL\n"
        "WITH DISTINCT a LIMIT $most\nRETURN collect(a.id) AS ids"
    )


LEASE_HOLDER = "MATCH (l:Lease {id: 'lease'})\nWHERE l.holder IS NOT NULL\nRETURN l.holder AS holder"
TAKE_LEASE = """MERGE (l:Lease {id: 'lease'})
SET l.asked = true REMOVE l.asked
WITH l WHERE l.holder IS NULL OR l.until < timestamp() OR l.holder IN $mine
SET l.holder = $holder, l.until = timestamp() + $milliseconds
RETURN l.id AS id"""
HOLD_LEASE = """MATCH (l:Lease {id: 'lease'})
SET l.asked = true REMOVE l.asked
WITH l WHERE l.holder = $holder
SET l.until = timestamp() + $milliseconds
RETURN l.id AS id"""
GIVE_LEASE = "MATCH (l:Lease {id: 'lease', holder: $holder})\nREMOVE l.holder, l.until"

FOUND_VERSION = "MATCH (s:Schema {id: 'schema'})\nRETURN s.version AS version, EXISTS { MATCH (l:Load) } AS loaded"
WRITE_VERSION = "MERGE (s:Schema {id: 'schema'})\nSET s.version = $version"
