"""All that is known of a person, for the person: what they may ask to see, and what an erasure takes away."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from graph.answer import Id, answer
from graph.errors import DottedlineError, NotFound
from graph.identity import MAIL, Says, bare
from graph.instants import OPEN_END, OPEN_START, at_moment, moment
from graph.journal import FactRow, Known, ThingRow
from graph.measures.strength import exchanges, sums
from graph.model import DIGEST, EDGE, EDGES, FACT, ID, NODE, SINCE, Edge, source_of
from graph.question import Anchor, costing, for_stewards, question
from graph.read import Reader, read
from graph.said import facts_naming, known_loads, things_named
from graph.sight import sight
from graph.view import View
from graph.worded import Worded
from graph.words import written
from queries.anchors.entities import told
from queries.anchors.identity import IdentityRows, identities_seen
from queries.committee.touched import Touched, touches_of

PERSON, COMPANY, PRODUCT = (anchor.value for anchor in (Anchor.PERSON, Anchor.COMPANY, Anchor.PRODUCT))
NAMED = {"company_id": COMPANY, "product_id": PRODUCT, "author_id": PERSON, "said_by_id": PERSON}
"""What facts and interactions name besides their ends."""
Quote = tuple[str, str, str, str, Id, dict[str, Any]]
Opinion = tuple[str, str, str, str, Id, dict[str, Any], Id]
Bond = tuple[Id, str, int, int | None, int | None]
"""Another person, their name, how many exchanges there were, the first and the last instant."""
MOST = 10_000_000
OF_THE_FACT = {prop.name for prop in FACT}
OWN = {ID.name, DIGEST.name, SINCE.name}


class KnownAs(Worded):
    """In which way something is known."""

    ATTRIBUTE = "ATTRIBUTE", "A value that the person bears."
    NAME = "NAME", "An id or another name of theirs."
    IDENTITY = "IDENTITY", "Why two records are one person, or are not."
    FACT = "FACT", "A dated fact of theirs."
    QUOTED = "QUOTED", "A fact of others that names them."
    GRANT = "GRANT", "What they may see here."
    WRITTEN = "WRITTEN", "A load or a change that they wrote."
    DERIVED = "DERIVED", "Worked out from what is known, such as whom they know."
    SAID = "SAID", "A row of a source, as it was written."


@answer
class KnownItem:
    """One thing that is known, or was, of a person."""

    kind: Annotated[
        KnownAs,
        "ATTRIBUTE: what counts today; NAME: an id or an address; IDENTITY: what was found or decided about who they are; FACT: a dated fact, every "
        "version of it; QUOTED: a fact of somebody or something else that names them; GRANT: what they may see and do here; WRITTEN: a write of "
        "theirs by hand; DERIVED: what we worked out; SAID: a source's own words, from the journal.",
    ]
    what: Annotated[str, "The attribute, or the type of the fact, as docs/model.md names it."]
    value: Annotated[str, "What is said, `name: value` where there is more than one; lists split at `;`."]
    other_kind: Annotated[str | None, "Of what kind the other end is, such as Company."]
    other_id: Annotated[Id | None, "Its id; in SAID as the source writes it."]
    other_name: Annotated[str | None, "Its name."]
    source: Annotated[str | None, "Who says so; null for what counts or was worked out."]
    author: Annotated[Id | None, "Whose opinion it is, or who decided it, as the source writes it."]
    confidence: Annotated[float | None, "How sure, 0 to 1."]
    valid_from: Annotated[datetime | None, "True from then on; null when open."]
    valid_to: Annotated[datetime | None, "No longer true from then on; null when open."]
    recorded_at: Annotated[datetime | None, "Known to us from then on."]
    retracted_at: Annotated[datetime | None, "Known to us until then; null while it counts."]
    as_of: Annotated[datetime | None, "When the load was true that said so."]
    load: Annotated[Id | None, "The load that said so."]


@answer
class KnownRows:
    """What known_rows.cypher returns of one person.

    A fact is ``[type, its properties, label of the other end, that one's properties, whether it starts at the person, who ever took part in it]``.
    """

    anchor: Id
    person: dict[str, Any]
    facts: list[tuple[str, dict[str, Any], str, dict[str, Any], bool, list[Id]]]
    bonds: list[Bond]


@answer
class QuotedRows:
    """One row: facts that name people, ``[type, property, what it names them as, label of what it is of, its id, its properties]``; an
    opinion ends with whom it is about.

    ``grants`` are ``[id, properties, name of the territory]``, ``writes`` ``[load, kinds, author, instant]``.
    """

    opinions: list[Opinion]
    words: list[Quote]
    grants: list[tuple[Id, dict[str, Any], str | None]]
    writes: list[tuple[Id, list[str], str, int]]


@read
async def known_rows(ids: Sequence[str], since: int, most: int) -> list[KnownRows]:
    """The rows of these people."""
    raise NotImplementedError


@read
async def quoted_rows(names: Sequence[str], mail: str, since: int, most: int) -> list[QuotedRows]:
    """The one row of these names."""
    raise NotImplementedError


@for_stewards
@costing(50)
@question(Anchor.PERSON, field="known")
async def known_of(store: Reader, view: View, people: Sequence[str]) -> Mapping[str, list[KnownItem] | DottedlineError]:
    """All that is known of a person, to be handed to them: attributes, names and addresses, facts of all times with every version, retracted ones
    included, opinions with their authors, where others' facts quote them, and the words of each source from the journal.

    Facts and words are those known at knownAt, attributes and names today's; asOf is not looked at. What may not be seen is left out. Neither here
    nor elsewhere are the rows that a load rejected: they lie in the home's reports. Reads the journal of all loads once, however many are asked:
    O(rows ever said).
    """
    everywhen = view.at(OPEN_END - 1, None)
    hidden = (await sight(store, view, people=people)).people
    found: dict[str, list[KnownItem] | DottedlineError] = {id_: NotFound(f"No person bears the id {id_!r}.", argument="id") for id_ in hidden}
    loads = [load for load in await known_loads(store) if load.recorded_at <= view.known_at]
    asked = [id_ for id_ in people if id_ not in hidden]
    identity = {row.anchor: row for row in await identities_seen(store, view, PERSON, asked)}
    rows = await known_rows(store, everywhen, ids=asked, since=OPEN_START, most=MOST)
    seen, unseen_ids = await _seen(store, view, rows)
    every = [_Asked.of(row, identity.get(row.anchor), view) for row in seen]
    said = await _journal(store, loads, every, unseen_ids)
    for one in every:
        quoted = (await quoted_rows(store, everywhen, names=sorted(one.names), mail=MAIL, since=OPEN_START, most=MOST))[0]
        about = await sight(store, view, people=[row[-1] for row in quoted.opinions])
        found[one.rows.anchor] = [
            *_attributes(one.rows.person),
            *_names(one.own, one.aliases),
            *_ties(one.ties),
            *_facts(one.rows, view.known_at),
            *_quoted(about.rows(quoted.opinions, -1), quoted.words, view.known_at),
            *_grants(quoted),
            *_written(quoted),
            *_bonds(one.rows),
            *said[one.rows.anchor],
        ]
    return found


async def _seen(store: Reader, view: View, rows: list[KnownRows]) -> tuple[list[KnownRows], Set[str]]:
    """Without what may not be seen at the other end of a fact, and with whom they know from what may be seen of what happened; and the ids of the
    people, companies and products that are hidden.
    """
    if view.scope is None:
        return rows, frozenset()
    ends: dict[str, set[str]] = defaultdict(set)
    for _, fact, label, other, _, there in (fact for row in rows for fact in row.facts):
        ends[label].add(other["id"])
        ends[PERSON].update(there)
        for prop, of in NAMED.items():
            ends[of].update(filter(None, (other.get(prop), fact.get(prop))))
    seeing = await sight(store, view, people=ends[PERSON], companies=ends[COMPANY], products=ends[PRODUCT])
    hidden: dict[str, Set[str]] = {PERSON: seeing.people, COMPANY: seeing.companies, PRODUCT: seeing.products}
    every = seeing.people | seeing.companies | seeing.products

    def seen(label: str, other: Mapping[str, Any], there: Sequence[str]) -> bool:
        if label == "Interaction":
            return seeing.happened(there, other.get("company_id"))
        return other["id"] not in hidden.get(label, ()) and (label != "BuyingGroup" or other.get("company_id") not in seeing.companies)

    bonds = await _bonds_seen(store, view, [row.anchor for row in rows])

    def left(row: KnownRows) -> KnownRows:
        facts = [fact for fact in row.facts if seen(fact[2], fact[3], fact[5])]
        made = [(type_, _naming(fact, every), label, _naming(other, every), outgoing, there) for type_, fact, label, other, outgoing, there in facts]
        return replace(row, facts=made, bonds=bonds[row.anchor])

    return [left(row) for row in rows], every


def _naming(values: Mapping[str, Any], hidden: Set[str]) -> dict[str, Any]:
    """Values without those that name something hidden."""
    return {prop: value for prop, value in values.items() if prop not in NAMED or value not in hidden}


async def _bonds_seen(store: Reader, view: View, people: Sequence[Id]) -> dict[Id, list[Bond]]:
    """Whom these people know, worked out from what may be seen, as the graph works it out from all."""
    found: dict[Id, list[tuple[str, int, int, int]]] = {id_: [] for id_ in people}
    for row in await touches_of(store, view.at(view.known_at, None), people):
        made = exchanges(Touched.of(row, view.known_at).events)
        of = sums(made, view.known_at)
        for at in range(len(of.count)):
            pair = made.people[of.first[at]], made.people[of.second[at]]
            if row.anchor in pair:
                other = pair[pair[0] == row.anchor]
                found[row.anchor].append((other, int(of.count[at]), int(of.first_at[at]), int(of.last_at[at])))
    facts = await told(store, view, Anchor.PERSON, sorted({Id(id_) for bonds in found.values() for id_, *_ in bonds}))
    names = {id_: fact.name for id_, fact in facts.items()}
    return {
        person: [(Id(id_), names.get(Id(id_), id_), count, first, last) for id_, count, first, last in sorted(bonds)]
        for person, bonds in found.items()
    }


class _Asked(NamedTuple):
    """Somebody who asks: their rows, their records' ids, all that they are called, and the keys of the facts that may be seen, None for any."""

    rows: KnownRows
    ties: Sequence[Sequence[Any]]
    own: set[str]
    aliases: set[tuple[str, str]]
    names: set[str]
    seen: set[str] | None

    @classmethod
    def of(cls, rows: KnownRows, identity: IdentityRows | None, view: View) -> "_Asked":
        records, ties = (identity.records, identity.ties) if identity else ([], [])
        own = {rows.anchor, *(id_ for id_, *_ in records)}
        aliases = {(name, id_) for id_, _, says in records for name in Says.read(says).aliases}
        names = own | {form for name, _ in aliases for form in (name, bare(name))}
        return cls(rows, ties, own, aliases, names, None if view.scope is None else {fact["key"] for _, fact, *_ in rows.facts})


async def _journal(store: Reader, loads: Sequence[Known], every: Sequence[_Asked], hidden: Set[str]) -> dict[str, list[KnownItem]]:
    """Person -> the sources' own words on them. The journal is read once, however many ask."""
    told: dict[str, list[KnownItem]] = defaultdict(list)
    bearing, naming = defaultdict[str, list[_Asked]](list), defaultdict[str, list[_Asked]](list)
    for one in every:
        for id_ in one.own:
            bearing[id_].append(one)
        for name in one.names:
            naming[name].append(one)
    async for load, origin, thing in things_named(store, PERSON, loads, bearing.keys()):
        for one in bearing[thing.id]:
            told[one.rows.anchor] += _said(load, origin, thing)
    for edge in EDGES:
        if PERSON in (edge.source, edge.target):
            async for load, origin, fact in facts_naming(store, edge.type, loads, naming.keys()):
                named = {one.rows.anchor: one for ref in (fact.from_ref, fact.to_ref) for one in naming.get(ref, ())}
                for anchor, one in named.items():
                    if one.seen is None or fact.key in one.seen:
                        told[anchor].append(_said_fact(edge, load, origin, fact, one.names, hidden))
    return told


def _item(kind: KnownAs, what: str, value: str, other: tuple[str, str | None, str | None] | None = None, /, **more: Any) -> KnownItem:
    rest = ("source", "author", "confidence", "valid_from", "valid_to", "recorded_at", "retracted_at", "as_of", "load")
    return KnownItem(kind, what, value, *(other or (None, None, None)), *(more.get(name) for name in rest))


def _spelled(label: str, values: Mapping[str, Any]) -> str:
    """``name: value`` of what is there, instants as dates."""
    props = {prop.name: prop for prop in NODE[label].props} if label in NODE else {prop.name: prop for prop in EDGE[label].props}
    at = {name for name, prop in props.items() if prop.type == "INTEGER" and name.endswith(("at", "_on"))}
    given = {name: values[name] for name in props if values.get(name) is not None}
    shown = {name: at_moment(value).isoformat() if name in at else written(value) for name, value in given.items()}
    return ", ".join(f"{name}: {text}" for name, text in shown.items())


def _attributes(person: Mapping[str, Any]) -> Iterator[KnownItem]:
    since = moment(person[SINCE.name]) if SINCE.name in person else None
    for prop in NODE[PERSON].props:
        if prop.name not in OWN and person.get(prop.name) is not None:
            yield _item(KnownAs.ATTRIBUTE, prop.name, written(person[prop.name]), recorded_at=since)


def _names(own: set[str], aliases: set[tuple[str, str]]) -> Iterator[KnownItem]:
    for id_ in sorted(own):
        yield _item(KnownAs.NAME, "id", id_)
    for name, record in sorted(aliases):
        if name not in own:
            yield _item(KnownAs.NAME, "alias", name, ("Record", record, None))


def _ties(ties: Sequence[Sequence[Any]]) -> Iterator[KnownItem]:
    for first, second, same, rule, score, why, author, *_ in ties:
        what = "SAME_AS" if same else "NOT_SAME_AS"
        yield _item(KnownAs.IDENTITY, what, f"{first}, {second}: {'; '.join([rule, *why])}", author=author, confidence=score)


def _facts(rows: KnownRows, known_at: int) -> Iterator[KnownItem]:
    for type_, fact, label, other, outgoing, _ in rows.facts:
        edge, told = EDGE[type_], _spelled(type_, fact)
        if label in ("Interaction", "Event"):
            told = ", ".join(filter(None, (told, _spelled(label, {name: value for name, value in other.items() if name not in OWN}))))
        value = told or ("" if outgoing or edge.source != edge.target else "the other way round")
        yield _item(
            KnownAs.FACT,
            type_,
            value,
            (label, other["id"], other.get("name")),
            **_told(fact, known_at),
            author=fact.get("author_id") or fact.get("said_by_id"),
        )


def _told(fact: Mapping[str, Any], known_at: int) -> dict[str, Any]:
    return {
        "source": source_of(fact["origin"]),
        "confidence": fact["confidence"],
        "valid_from": moment(fact["valid_from"]),
        "valid_to": moment(fact["valid_to"]),
        "recorded_at": moment(fact["recorded_at"]),
        "retracted_at": moment(fact["retracted_at"]) if fact["retracted_at"] <= known_at else None,
        "load": fact["load_id"],
    }


def _quoted(opinions: Sequence[Opinion], words: Sequence[Quote], known_at: int) -> Iterator[KnownItem]:
    """What others' facts name them as; what these say of others is not theirs to see."""
    for type_, prop, named, label, id_, fact in (*(one[:-1] for one in opinions), *words):
        value = f"{prop}: {named}" if label == "BuyingGroup" else f"{named}: {prop}"
        yield _item(KnownAs.QUOTED, type_, value, (label, id_, None), **_told(fact, known_at))


def _grants(rows: QuotedRows) -> Iterator[KnownItem]:
    for _, grant, territory in rows.grants:
        where = ("Territory", grant["territory_id"], territory) if grant.get("territory_id") else None
        yield _item(KnownAs.GRANT, grant["role"], _spelled("Grant", grant), where, recorded_at=moment(grant[SINCE.name]))


def _written(rows: QuotedRows) -> Iterator[KnownItem]:
    for load, kinds, author, at in rows.writes:
        yield _item(KnownAs.WRITTEN, "; ".join(kinds), load, author=author, recorded_at=moment(at), load=load)


def _bonds(rows: KnownRows) -> Iterator[KnownItem]:
    for id_, name, count, first, last in rows.bonds:
        span = [f"{what}: {at_moment(at).isoformat()}" for what, at in (("first_at", first), ("last_at", last)) if at is not None]
        yield _item(KnownAs.DERIVED, "KNOWS", ", ".join([f"count: {count}", *span]), (PERSON, id_, name))


def _said(load: Known, origin: str, row: ThingRow) -> Iterator[KnownItem]:
    more = {**_of_load(load, origin, row.known_from), "confidence": row.confidence}
    yield _item(KnownAs.SAID, "id", row.id, **more)
    for name, value in {**row.values, **({"aliases": row.aliases} if row.aliases else {})}.items():
        if value is not None:
            yield _item(KnownAs.SAID, name, written(value), **more)


def _said_fact(edge: Edge, load: Known, origin: str, row: FactRow, names: set[str], hidden: Set[str]) -> KnownItem:
    values = _naming(row.values, hidden)
    start = edge.source == PERSON and row.from_ref in names
    other = (edge.target, row.to_ref, None) if start else (edge.source, row.from_ref, None)
    more = _of_load(load, origin, row.known_from)
    span = {"valid_from": None if row.start is None else moment(row.start), "valid_to": None if row.end is None else moment(row.end)}
    author = values.get("author_id") or values.get("said_by_id")
    return _item(KnownAs.SAID, edge.type, _spelled(edge.type, values), other, **more, **span, confidence=row.confidence, author=author)


def _of_load(load: Known, origin: str, known_from: int | None) -> dict[str, Any]:
    at = load.recorded_at if known_from is None else known_from
    return {"source": source_of(origin), "recorded_at": moment(at), "as_of": moment(load.as_of), "load": load.id}
