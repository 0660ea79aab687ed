"""From an account filter to the accounts that it means: every question of a set of accounts begins here."""

from collections.abc import Sequence, Set
from dataclasses import replace
from typing import TypedDict

from graph.answer import Id, answer
from graph.errors import NotFound
from graph.filter import AccountFilter, refuse_tiers, segment_of
from graph.journal import batches
from graph.question import Anchor
from graph.read import Reader, read
from graph.view import View
from queries.anchors.entities import all_named, resolved

MOST_ACCOUNTS = 1_000_000
FILTERS_AT_ONCE = 10
"""Filters that one read answers."""


@answer
class Found:
    """One row: the companies that were found."""

    ids: list[Id]


@answer
class Matching:
    """One row a set of conditions: its place among them, and the companies for which all of it holds."""

    place: int
    ids: list[Id]


@answer
class TerritoryRow:
    """A territory and the one around it."""

    id: Id
    parent_id: Id | None


@answer
class SegmentRow:
    """A segment's filter as written."""

    id: Id
    filter: str


class Conditions(TypedDict):
    """What all must hold of a company; None is no condition. Ids are resolved, and industry, country and province are in lower case."""

    accounts_only: bool
    ids: list[Id] | None
    within: list[Id] | None
    industry: list[str] | None
    country: list[str] | None
    province: list[str] | None
    tier: list[int] | None
    owner: list[Id] | None
    kinds: list[str] | None
    product: list[Id] | None
    competitor: list[Id] | None
    tag: list[str] | None


@read
async def filtered_companies(wanted: Sequence[Conditions], among: Sequence[Id] | None, most: int) -> list[Matching]:
    """The companies of each of these; where one names no ids, of those ``among`` these alone if there are any."""
    raise NotImplementedError


@read
async def owned_companies(ids: Sequence[str], most: int) -> list[Found]:
    """The companies that these own, through others too."""
    raise NotImplementedError


@read
async def territory_rows(most: int) -> list[TerritoryRow]:
    """All territories."""
    raise NotImplementedError


@read
async def segment_rows(ids: Sequence[str], most: int) -> list[SegmentRow]:
    """These segments."""
    raise NotImplementedError


async def account_ids(
    store: Reader, view: View, wanted: AccountFilter | None, *, accounts_only: bool = True, written: bool = False, among: Set[Id] | None = None
) -> list[Id] | None:
    """The ids of the accounts (or of companies of any kind) that a filter means at the view, None for all.

    Where only those ``among`` these matter, others need not be looked at, and may or may not be in it. Raises NotFound, naming the argument, for an
    id, segment, territory, owner, product or competitor that nobody knows; of a filter that was ``written`` by others, as a segment's is, such a name
    selects nothing, since who asks did not write it and may not see what it names. Raises InvalidInput for a tier that there is not.
    """
    if wanted is None or _plain(wanted) == AccountFilter():
        return None
    if not written:
        refuse_tiers(wanted)
    found: set[Id] | None = None
    among = None if wanted.include_subsidiaries else among
    if wanted.segment is not None:
        found = set()
        for segment in await _segments(store, view, wanted.segment):
            found |= set(await account_ids(store, view, segment, accounts_only=accounts_only, written=True, among=among) or [])
    rest = replace(_plain(wanted), segment=None, include_subsidiaries=False)
    if found is None or rest != AccountFilter():
        matching = set((await _matching(store, view, [rest], accounts_only, written=written, among=among))[0])
        found = matching if found is None else found & matching
    if wanted.include_subsidiaries and found:
        for row in await owned_companies(store, view, sorted(found), MOST_ACCOUNTS):
            found |= set(row.ids)
    return sorted(found)


async def accounts_in(store: Reader, view: View, wanted: AccountFilter | None) -> list[Id]:
    """The ids of the accounts that a filter means, all of them where it says nothing, in order. Raises as ``account_ids``."""
    found = await account_ids(store, view, wanted)
    return (await _matching(store, view, [AccountFilter()], True))[0] if found is None else found


async def those_within(store: Reader, view: View, segments: Sequence[str], accounts: Sequence[str]) -> list[set[Id]]:
    """Those of these accounts, given by their ids, that each of the segments' filters means; others matter only where one asks for subsidiaries.

    One read for ``FILTERS_AT_ONCE`` filters that do not.
    """
    asked, wanted = {Id(account) for account in accounts}, list(map(segment_of, segments))
    plain = {place: _plain(one) for place, one in enumerate(wanted) if one.segment is None and not one.include_subsidiaries}
    matching = await _matching(store, view, list(plain.values()), False, written=True, among=asked)
    found: dict[int, Sequence[Id] | None] = dict(zip(plain, matching, strict=True))
    for place in range(len(wanted)):
        if place not in plain:
            found[place] = await account_ids(store, view, wanted[place], accounts_only=False, written=True, among=asked)
    return [asked.intersection(ids or ()) for _, ids in sorted(found.items())]


def _plain(wanted: AccountFilter) -> AccountFilter:
    """The part of a filter that is about accounts."""
    return AccountFilter(**{name: getattr(wanted, name) for name in AccountFilter.__dataclass_fields__})


async def _matching(
    store: Reader, view: View, wanted: Sequence[AccountFilter], accounts_only: bool, *, written: bool = False, among: Set[Id] | None = None
) -> list[list[Id]]:
    """The companies that each of these filters means, segments and subsidiaries aside."""
    each = [await _conditions(store, view, one, accounts_only, written) for one in wanted]
    only = None if among is None else sorted(among)
    return [row.ids for lot in batches(each, FILTERS_AT_ONCE) for row in await filtered_companies(store, view, lot, only, MOST_ACCOUNTS)]


async def _conditions(store: Reader, view: View, wanted: AccountFilter, accounts_only: bool, written: bool) -> Conditions:
    async def ids(anchor: Anchor, given: list[Id] | None, argument: str) -> list[Id] | None:
        if given is None:
            return None
        return await all_named(store, view, anchor, given) if written else await resolved(store, view, anchor, given, f"filter.{argument}")

    def lower(given: list[str] | None) -> list[str] | None:
        return None if given is None else [text.lower() for text in given]

    return Conditions(
        accounts_only=accounts_only and wanted.kinds is None,
        ids=await ids(Anchor.COMPANY, wanted.ids, "ids"),
        within=None if wanted.territory is None else await _territories(store, view, wanted.territory, written),
        industry=lower(wanted.industry),
        country=lower(wanted.country),
        province=lower(wanted.province),
        tier=wanted.tier,
        owner=await ids(Anchor.PERSON, wanted.owner, "owner"),
        kinds=None if wanted.kinds is None else [kind.value for kind in wanted.kinds],
        product=await ids(Anchor.PRODUCT, wanted.product, "product"),
        competitor=await ids(Anchor.COMPANY, wanted.competitor, "competitor"),
        tag=wanted.tag,
    )


async def _segments(store: Reader, view: View, given: Sequence[Id]) -> list[AccountFilter]:
    rows = {row.id: row.filter for row in await segment_rows(store, view, given, MOST_ACCOUNTS)}
    if lost := [name for name in given if name not in rows]:
        raise NotFound(f"No segment bears the id {lost[0]!r}.", argument="filter.segment")
    return [segment_of(text) for text in rows.values()]


async def _territories(store: Reader, view: View, given: Sequence[Id], written: bool) -> list[Id]:
    """These territories and all within them."""
    rows = await territory_rows(store, view, MOST_ACCOUNTS)
    known = {row.id for row in rows}
    if not written and (lost := [name for name in given if name not in known]):
        raise NotFound(f"No territory bears the id {lost[0]!r}.", argument="filter.territory")
    inside, before = set(given), 0
    while len(inside) > before:
        before = len(inside)
        inside |= {row.id for row in rows if row.parent_id in inside}
    return sorted(inside)
