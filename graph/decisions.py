"""What people decide about who is one: what they named, what is tied already, and what came of it."""

from dataclasses import dataclass
from typing import Annotated

from graph import statements
from graph.answer import Id, answer
from graph.entities import bring, plan, records
from graph.errors import Ambiguous, InvalidInput, NotFound
from graph.identity import MERGING, Tie, decided, tie
from graph.ledger import Ledger
from graph.model import NODE
from graph.mutation import Writing
from graph.search import names_of
from graph.store import Store
from graph.worded import Worded


class EntityKind(Worded):
    """What may turn out to be one."""

    COMPANY = MERGING[0], "Records of companies."
    PERSON = MERGING[1], "Records of people."


Kind = Annotated[EntityKind | None, "Company or person; only needed where an id names one of each."]


@answer
class EntityNow:
    """A company or a person, and the records of which it is made."""

    id: Annotated[Id, "Its id: that of the record known first."]
    kind: Annotated[EntityKind, "Company or person."]
    name: Annotated[str, "Its name."]
    records: Annotated[list[Id], "The ids under which sources know it."]


@answer
class EntitiesChanged:
    """What a decision made of the companies or people that it is about."""

    entities: Annotated[list[EntityNow], "They, as they stand now."]
    revision: Annotated[int, "The number of this write: what `unload` takes to undo it."]


@dataclass(frozen=True, slots=True)
class Named:
    """What somebody named: a record and its entity."""

    label: str
    record: str
    entity: str


@dataclass(frozen=True, slots=True)
class Members:
    """The records of an entity, and all that is said of pairs of which one is among them."""

    records: set[str]
    ties: list[Tie]

    @property
    def apart(self) -> set[tuple[str, str]]:
        """Pairs declared apart."""
        return {pair for pair, each in decided(self.ties).items() if not each.same}


async def found(writing: Writing, kind: EntityKind | None, **given: str) -> list[Named]:
    """What the arguments name of what the writer may see, all of one kind.

    Raises NotFound and Ambiguous, and InvalidInput for a company and a person.
    """
    labels = MERGING if kind is None else (kind.value,)
    told = {argument: [named for label in labels for named in await _named(writing, label, name)] for argument, name in given.items()}
    for argument, candidates in told.items():
        if not candidates:
            what = " or ".join(label.lower() for label in labels)
            raise NotFound(f"No {what} bears the id or alias {given[argument]!r}.", argument=argument.rstrip("_"))
    alike = [label for label in labels if all(any(named.label == label for named in candidates) for candidates in told.values())]
    if not alike:
        raise InvalidInput("A company and a person are never one. Name two of a kind.", argument=next(iter(given)).rstrip("_"))
    for argument, candidates in told.items():
        entities = sorted({(named.label, named.entity) for named in candidates if named.label in alike})
        if len(entities) > 1:
            cure = "Say which kind." if len(alike) > 1 else "Use one of these ids."
            ids = [entity for _, entity in entities]
            raise Ambiguous(f"{given[argument]!r} names several: {', '.join(ids)}. {cure}", candidates=ids, argument=argument.rstrip("_"))
    return [next(named for named in candidates if named.label == alike[0]) for candidates in told.values()]


async def _named(writing: Writing, label: str, given: str) -> list[Named]:
    """By a record's own id, else by its aliases."""
    own = await records(writing.store, label, [given])
    if seen := await _seen(writing, [Named(label, id_, known.entity) for id_, known in own.items()]):
        return seen
    rows = (await writing.store.read("identity", statements.NAMED_RECORDS, {"ids": names_of(given), "label": label}))[0][0]
    return await _seen(writing, [Named(label, record, entity) for record, entity in sorted({(record, entity) for _, record, entity in rows})])


async def _seen(writing: Writing, candidates: list[Named]) -> list[Named]:
    return [named for named in candidates if await writing.desk.sees(writing.role, named.label, named.entity)]


async def members(store: Store, label: str, entity: str) -> Members:
    """The records of an entity with all their ties."""
    ids = [id_ for id_, _ in (await store.read("identity", statements.RECORDS_OF_ENTITIES, {"ids": [entity], "label": label}))[0][0]]
    rows = (await store.read("identity", statements.TIES_OF_RECORDS, {"ids": ids, "label": label}))[0][0]
    ties = {tie(id_, other, same, rule, score or 0.0, why, author, number) for id_, other, _, same, rule, score, why, author, number, _ in rows}
    return Members(set(ids), sorted(ties))


async def decide(ledger: Ledger, kind: EntityKind, ties: list[Tie]) -> EntitiesChanged:
    """Writes decisions and what follows from them; tells what became of everyone concerned."""
    made = await plan(ledger.store, kind.value, {}, ledger.number, ledger.matching, decisions=ties)
    await bring(ledger, made, ledger.known)
    named = {id_ for each in ties for id_ in each.pair}
    before = {made.stood[id_].entity for id_ in named}
    concerned = {known.entity for id_, known in made.stand.items() if id_ in named or made.stood[id_].entity in before}
    now = {entity: sorted(id_ for id_, known in made.stand.items() if known.entity == entity) for entity in sorted(concerned)}
    rows = await ledger.store.read("identity", statements.values_of(NODE[kind.value]), {"ids": list(now)})
    names = {found["id"]: found.get("name") or found["id"] for found in rows[0][0]}
    entities = [EntityNow(Id(id_), kind, names.get(id_, id_), [Id(each) for each in ids]) for id_, ids in now.items()]
    return EntitiesChanged(entities, ledger.number)
