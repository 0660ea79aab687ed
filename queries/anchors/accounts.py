"""From an account filter to the accounts that it means: every question of a set of accounts begins here."""

from collections.abc import Sequence, Set
from dataclasses import replace

from graph.answer import Id, answer
from graph.errors import NotFound
from graph.filter import AccountFilter, segment_of
from graph.question import Anchor
from graph.read import Reader, read
from graph.view import View
from queries.anchors.entities import all_named, resolved

MOST_ACCOUNTS = 1_000_000


@answer
class Found:
    """One row: the companies that were found."""

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


@read
async def filtered_companies(
    accounts_only: bool,
    ids: list[Id] | None,
    within: list[Id] | None,
    industry: list[str] | None,
    country: list[str] | None,
    province: list[str] | None,
    tier: list[int] | None,
    owner: list[Id] | None,
    kinds: list[str] | None,
    product: list[Id] | None,
    competitor: list[Id] | None,
    tag: list[str] | None,
    most: int,
) -> list[Found]:
    """The companies for which all of this holds; None is no condition."""
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
    selects nothing, since who asks did not write it and may not see what it names.
    """
    if wanted is None or _plain(wanted) == AccountFilter():
        return None
    found: set[Id] | None = None
    among = None if wanted.include_subsidiaries else among
    if wanted.segment is not None:
        found = set()
        for segment in await _segments(store, view, wanted.segment):
            found |= set(await account_ids(store, view, segment, accounts_only=accounts_only, written=True, among=among) or [])
    rest = replace(_plain(wanted), segment=None, include_subsidiaries=False)
    if found is None or rest != AccountFilter():
        matching = set(await _matching(store, view, rest, accounts_only, written, among))
        found = matching if found is None else found & matching
    if wanted.include_subsidiaries and found:
        for row in await owned_companies(store, view, sorted(found), MOST_ACCOUNTS):
            found |= set(row.ids)
    return sorted(found)


async def accounts_in(store: Reader, view: View, wanted: AccountFilter | None) -> list[Id]:
    """The ids of the accounts that a filter means, all of them where it says nothing, in order. Raises as ``account_ids``."""
    found = await account_ids(store, view, wanted)
    return await _matching(store, view, AccountFilter(), True) if found is None else found


async def those_within(store: Reader, view: View, segment: str, accounts: Sequence[str]) -> set[Id]:
    """Those of these accounts, given by their ids, that a segment's filter means: no others are looked at, unless it asks for subsidiaries."""
    asked = {Id(account) for account in accounts}
    found = await account_ids(store, view, segment_of(segment), accounts_only=False, written=True, among=asked)
    return asked if found is None else asked.intersection(found)


def _plain(wanted: AccountFilter) -> AccountFilter:
    """The part of a filter that is about accounts."""
    return AccountFilter(**{name: getattr(wanted, name) for name in AccountFilter.__dataclass_fields__})


async def _matching(
    store: Reader, view: View, wanted: AccountFilter, accounts_only: bool, written: bool = False, among: Set[Id] | None = None
) -> list[Id]:
    async def ids(anchor: Anchor, given: list[Id] | None, argument: str) -> list[Id] | None:
        if given is None:
            return None
        return await all_named(store, view, anchor, given) if written else await resolved(store, view, anchor, given, f"filter.{argument}")

    def lower(given: list[str] | None) -> list[str] | None:
        return None if given is None else [text.lower() for text in given]

    named = await ids(Anchor.COMPANY, wanted.ids, "ids")
    rows = await filtered_companies(
        store,
        view,
        accounts_only=accounts_only and wanted.kinds is None,
        ids=sorted(among) if named is None and among is not None else named,
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
        most=MOST_ACCOUNTS,
    )
    return rows[0].ids


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
