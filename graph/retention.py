"""Old interactions go for good, by type. As with an erasure, whoever writes next completes what broke off, and nothing takes it back."""

from asyncio import to_thread
from calendar import monthrange
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import TYPE_CHECKING, NamedTuple

from graph import statements
from graph.entities import bring, plan, records
from graph.erasure import PERSON, rewritten
from graph.instants import at_moment, instant
from graph.journal import BATCH, FactRow, ThingRow, unpack_facts, unpack_things
from graph.model import NODE
from graph.read import Reader
from graph.snapshot.files import forget

if TYPE_CHECKING:
    from graph.ledger import Ledger

EVENT, PART = "Interaction", "TOOK_PART"


class Limit(NamedTuple):
    """Interactions of a type that were before an instant go."""

    type: str
    before: int

    def __str__(self) -> str:
        return f"{self.type} {self.before}"

    @classmethod
    def read(cls, text: str) -> "Limit":
        """From the text that stands in the graph."""
        type_, _, before = text.partition(" ")
        return cls(type_, int(before))


class Old(NamedTuple):
    """How many interactions of a type lie before a limit, and how many facts say who took part in them."""

    type: str
    interactions: int
    parts: int


class Gone(NamedTuple):
    """What went with the interactions: lines of the journal, and people known by an identifier alone of whom nothing was left."""

    lines: int
    people: int


def months_before(at: int, months: int) -> int:
    """The instant so many calendar months earlier, on the same day of the month or on its last one."""
    moment = at_moment(at)
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    return instant(moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1])))


async def how_many(store: Reader, limits: Iterable[Limit]) -> dict[str, Old]:
    """What would go, by type; a type of which nothing would is missing."""
    rows = await store.read("retain", statements.HOW_MANY_OLD, {"rows": [limit._asdict() for limit in limits]})
    return {row[0]: Old(*row) for row in rows}


async def let_go(ledger: "Ledger", limits: Iterable[Limit]) -> Gone:
    """Deletes the interactions before their limits with all that says who took part, whoever said it and whenever, and the journal's lines on them.

    Whom they brought together knows each other by what is left, once the ledger is finished. The same again, after it broke off, completes it.
    O(interactions that go + rows of the journal about interactions).
    """
    store, rows = ledger.store, [limit._asdict() for limit in limits]
    ledger.knows.marks.everything()
    await ledger.knows.recall()
    await ledger.write([(statements.BEGIN_LETTING_GO, {"id": ledger.load.id, "limits": [str(Limit(**row)) for row in rows]})])
    while ids := (await store.read("retain", statements.OLD_INTERACTIONS, {"rows": rows, "most": BATCH}))[0][0]:
        await ledger.knows.lose(ids)
        await ledger.write([(statements.FORGET_INTERACTIONS, {"ids": ids})])

    async def still(ids: Collection[str]) -> set[str]:
        found = (await store.read("retain", statements.digests_of(NODE[EVENT]), {"names": sorted(set(ids))}))[0]
        return set(found[0])

    async def parts(told: list[FactRow]) -> list[FactRow | None]:
        there = await still([row.to_ref for row in told])
        return [row if row.to_ref in there else None for row in told]

    async def events(told: list[ThingRow]) -> list[ThingRow | None]:
        there = await still([row.id for row in told])
        return [row if row.id in there else None for row in told]

    lines = await rewritten(ledger, PART, unpack_facts, parts) + await rewritten(ledger, EVENT, unpack_things, events)
    people = await _nobody_left(ledger)
    await to_thread(forget, store.settings.home)
    await ledger.write([(statements.FORGET_TOUCHED, {}), (statements.END_LETTING_GO, {"id": ledger.load.id})])
    return Gone(lines + people.lines, people.people)


async def _nobody_left(ledger: "Ledger") -> Gone:
    """People known by an identifier alone, such as a cookie, go with the last that was known of them.

    They are deleted last, so that they are found again where this broke off.
    """
    store, lines, people = ledger.store, 0, 0
    while ids := (await store.read("retain", statements.NOBODY_LEFT, {"most": BATCH}))[0][0]:
        told = (await store.read("retain", statements.RECORDS_OF_ENTITIES, {"ids": ids, "label": PERSON}))[0][0]
        own = {*ids, *(record for record, _ in told)}
        said = await records(store, PERSON, own)
        aliases = [{"name": name, "record": id_, "label": PERSON} for id_, known in said.items() for name in sorted({id_, *known.says.aliases})]
        await bring(ledger, await plan(store, PERSON, dict.fromkeys(own), ledger.number, ledger.matching), ledger.known)
        lines += await rewritten(ledger, PERSON, unpack_things, _but(own))
        await ledger.write(
            [
                (statements.FORGET_RECORDS, {"ids": sorted(own), "label": PERSON}),
                (statements.FORGET_ALIASES, {"rows": aliases}),
                (statements.ERASE_PERSON, {"ids": ids}),
            ]
        )
        people += len(ids)
    return Gone(lines, people)


def _but(own: Collection[str]) -> Callable[[list[ThingRow]], Awaitable[list[ThingRow | None]]]:
    async def left(told: list[ThingRow]) -> list[ThingRow | None]:
        return [None if row.id in own else row for row in told]

    return left
