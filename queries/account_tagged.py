"""What an account cares about: tags that its people earned, and tags that were typed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from graph.answer import Id, Linked, answer
from graph.measures.tags import Earned, TagKind, of_account
from graph.question import Anchor, question
from graph.read import Reader, read
from graph.stretch import MOST_ROWS
from graph.view import View
from queries.company_people import company_people_rows
from queries.engagement import ModelName
from queries.engaging.tagging import SHOWN, Signs, Tag, TagRows, signs_of, tagging, typed


@answer
class TagBearer:
    """Somebody of the account who earned the tag."""

    person: Annotated[Linked | None, Anchor.PERSON, "Who."]
    confidence: Annotated[float, "How sure it is of them."]


@answer
class AccountTag(Tag):
    """A tag of an account."""

    people: Annotated[list[TagBearer], "Who earned it, the surest first; nobody for a typed one."]


@read
async def account_tag_rows(ids: Sequence[str], most: int) -> list[TagRows]:
    """What was typed of these companies."""
    raise NotImplementedError


@question(Anchor.COMPANY, "tagged")
async def account_tagged(store: Reader, view: View, accounts: Sequence[str], *, model: ModelName = None) -> Mapping[str, list[AccountTag]]:
    """Tags that people who work there earned, the surest first: 1 - product of (1 - confidence); then those that were typed of the account."""
    _, rules = tagging(store, model)
    rows = await account_tag_rows(store, view, accounts, MOST_ROWS)
    ids = [row.anchor for row in rows]
    there = {one.anchor: sorted({row[5] for row in one.rows}) for one in await company_people_rows(store, view, ids, view.as_of + 1, MOST_ROWS)}
    signs = await signs_of(store, view, sorted({person for people in there.values() for person in people}), rules)
    return {row.anchor: [*_earned(signs, row.anchor, there.get(row.anchor, [])), *(_borne(one, []) for one in typed(row, view))] for row in rows}


def _borne(one: Tag, people: list[TagBearer]) -> AccountTag:
    fields: dict[str, Any] = {name: getattr(one, name) for name in Tag.__dataclass_fields__}
    return AccountTag(**fields | {"people": people})


def _earned(signs: Signs, account: str, people: Sequence[str]) -> list[AccountTag]:
    by_tag: dict[tuple[TagKind, str], list[tuple[str, Earned]]] = defaultdict(list)
    for person in people:
        for found in signs.earned(person):
            if found.assigned:
                by_tag[found.kind, found.key].append((person, found))
    made = [_of_all(signs, account, bearers) for bearers in by_tag.values()]
    return sorted(made, key=lambda one: (-one.confidence, one.kind or "", one.tag))


def _of_all(signs: Signs, account: str, bearers: list[tuple[str, Earned]]) -> AccountTag:
    bearers.sort(key=lambda one: (-one[1].confidence, one[0]))
    each = [signs.tag(person, found) for person, found in bearers]
    best = each[0]
    whole = replace(
        best,
        tag=min((found.first, found.tag) for _, found in bearers)[1],
        key=Id(f"{best.kind}:{bearers[0][1].key}/{account}@{signs.view.as_of}/{signs.view.known_at}"),
        confidence=of_account(one.confidence for one in each),
        weight=sum(one.weight or 0.0 for one in each),
        things=len({thing for _, found in bearers for thing in found.of}),
        first_at=min(one.first_at for one in each if one.first_at),
        last_at=max(one.last_at for one in each if one.last_at),
        expires_at=max(one.expires_at for one in each if one.expires_at),
        evidence=[one for tag in each for one in tag.evidence][:SHOWN],
    )
    linked = [TagBearer(Linked(Id(person), signs.did[person].name), found.confidence) for person, found in bearers]
    return _borne(whole, linked)
