"""A fact that somebody said is not true."""

from typing import Annotated, NamedTuple

from graph import statements
from graph.answer import Id, Names, answer
from graph.errors import InvalidInput, NotFound
from graph.instants import OPEN_END, OPEN_START
from graph.journal import About, FactRow
from graph.model import EDGE, GrantRole
from graph.mutation import Writing, mutation


@answer
class FactRetracted:
    """What was taken out."""

    fact: Annotated[str, "Its type, as docs/model.md names it."]
    source: Annotated[str, "Who had said it."]
    from_id: Annotated[Id, "Whose fact it was, by the id that the source uses."]
    to_id: Annotated[Id, "Its other end, by the id that the source uses."]
    author: Annotated[str, "Who says that it is not true."]
    revision: Annotated[int, "The number of this write: what `unload` takes to bring the fact back."]


class Standing(NamedTuple):
    """A fact that counts now."""

    about: About
    from_ref: str
    to_ref: str
    starts: list[int]


@mutation(GrantRole.EDITOR)
async def retract_fact(
    writing: Writing,
    *,
    key: Annotated[
        Id, Names(), "The `key` of a dated part, such as a role or a job: that stretch and later ones go. Without its `@...`: every stretch."
    ],
) -> FactRetracted:
    """Says that a fact is not true and never was. The next question does not see it; one of an earlier `knownAt` still does.

    The source is not silenced: files of a later day that still say it bring it back from that day on. Mend it there as well.
    """
    name, _, start = key.partition("@")
    stands = await _standing(writing, name)
    since = next((at for at in stands.starts if str(at) == start), OPEN_START)
    if start not in ("", str(since)):
        raise NotFound(f"The fact {name!r} has no stretch {key!r} any more. Ask again for its key.", argument="key")
    async with writing.ledger(emptied=[stands.about]) as ledger:
        await ledger.say_facts(stands.about, [FactRow.absent(name, since, stands.from_ref, stands.to_ref)])
    return FactRetracted(stands.about.name, stands.about.source, Id(stands.from_ref), Id(stands.to_ref), writing.author, ledger.number)


async def _standing(writing: Writing, key: str) -> Standing:
    if not key:
        raise InvalidInput("The key is empty. Give the `key` of a dated part of an answer.", argument="key")
    lost = f"No fact that counts now has the key {key!r}. Dated parts of answers, such as roles, tell theirs."
    rows = await writing.store.read(writing.name, statements.FACTS_BY_KEY, {"key": key, "open": OPEN_END, "least": OPEN_START})
    if not rows:
        raise NotFound(lost, argument="key")
    type_, origin, from_ref, to_ref, starts, *ends = rows[0]
    for label, ids in zip((EDGE[type_].source, EDGE[type_].target), ends, strict=True):
        for id_ in ids:
            await writing.desk.visible(writing.role, [label], id_, "key", what=lost, itself=True)
    return Standing(About(type_, origin), from_ref, to_ref, starts)
