"""How partners fit us at a view: whose accounts are whose, whom partners reach, and where they sell for a competitor. All from the snapshot."""

from asyncio import to_thread
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from graph.answer import Id, Linked
from graph.filter import AccountFilter
from graph.lazy import cached_property
from graph.measures.coverage import ROLES
from graph.measures.partners import (
    CUSTOMER,
    DEFAULTS,
    ELSEWHERE,
    OTHER,
    TARGET,
    Accounts,
    Gaps,
    Matrix,
    Overlap,
    Parts,
    Profile,
    Rivalry,
    columns,
    complement,
    grids,
    ones,
    opens,
    overlap,
    profile,
    similarity,
)
from graph.measures.paths import Rules
from graph.measures.strength import DAY, Floats, Ints, Truths
from graph.model import CompanyLink
from graph.read import Reader
from graph.snapshot.arrays import Csr, Texts
from graph.snapshot.met import Pairs
from graph.snapshot.parts import LINK, Jobs, Links, Products, Purchases, Uses
from graph.snapshot.snapshot import Snapshot
from graph.view import View
from queries.committee.market import Market, market_of
from queries.reaching.carrying import Carrying

KEPT = 4
"""So many fits of one snapshot are kept, so that the next page is cut from what stands."""
SERVES, RESELLS, PARTNERS_WITH = (LINK.words.index(kind) for kind in (CompanyLink.SERVES, CompanyLink.RESELLS, CompanyLink.PARTNERS_WITH))


class Rows(NamedTuple):
    """Pairs of places, one below the other."""

    left: Ints
    right: Ints


def joined(left: Ints, key: Ints, by: Csr, right: Ints) -> Rows:
    """Each row's ``left`` with the ``right`` of every row that ``by`` holds under its ``key``."""
    counts = by.start[key + 1] - by.start[key]
    return Rows(np.repeat(left, counts), right[by.of_all(key)])


def lack(market: Market) -> Floats:
    """Accounts x roles: what we lack there, worth x weight x (1 - coverage)."""
    made: Floats = market.worth[:, None] * market.shares * (1 - np.nan_to_num(market.found.roles.value))
    return made


@dataclass(frozen=True)
class Fit:
    """Partners and us, in the order of ``partners``, which are places of companies; ``ours`` is what every company is to us.

    The ``universe`` is every company but ours and competitors, who are nobody's account here unless they are marked as one.
    """

    market: Market
    carrying: Carrying
    partners: Ints
    ours: Ints
    universe: Truths
    theirs: Accounts

    @classmethod
    async def of(cls, store: Reader, view: View, filter: AccountFilter | None, partner: Id | None = None) -> "Fit":
        """Of the accounts of a filter and every partner, or one company taken for one. O(companies + pairs + edges at those who are reached)."""
        market = await market_of(store, view, filter)
        carrying = await Carrying.of(market.snapshot, view)
        snapshot = market.snapshot
        partners = partners_of(snapshot) if partner is None else np.array([snapshot.companies.id.find(partner)])
        whole = filter is None or filter == AccountFilter()
        key = ("fit", whole, market.places.tobytes(), partners.tobytes())
        if key not in snapshot.kept:
            made = await to_thread(_fitted, market, carrying, partners, whole)
            for old in [one for one in snapshot.kept if one[0] == "fit"][: 1 - KEPT]:
                snapshot.kept.pop(old, None)
            snapshot.kept[key] = made
        found: Fit = snapshot.kept[key]
        return found

    @property
    def snapshot(self) -> Snapshot:
        """That of the market."""
        return self.market.snapshot

    @property
    def mine(self) -> Truths:
        """Which companies are accounts of ours that were asked about."""
        return self.universe & (self.ours <= TARGET)

    @cached_property
    def grids(self) -> Ints:
        """Partners x what companies are to us x what they are to the partner."""
        return grids(self.theirs, self.ours, self.universe)

    @cached_property
    def overlap(self) -> Overlap:
        """How much of the lists is shared, of each partner."""
        counts = self.grids
        return overlap(counts[:, :2, :2].sum((1, 2)), int(self.mine.sum()), counts[:, :, :2].sum((1, 2)), int(self.universe.sum()))

    @cached_property
    def kinds(self) -> Profile:
        """What kind of company each is."""
        companies = self.snapshot.companies
        regions = [province or country for province, country in zip(companies.province.list(), companies.country.list(), strict=True)]
        return profile(_numbers(companies.industry.list()), companies.employees, _numbers(regions))

    @cached_property
    def staff(self) -> Rows:
        """Who works for which partner now."""
        return _employed(self.snapshot, self.partners)

    @cached_property
    def gaps(self) -> Gaps:
        """What we lack at the accounts asked about, and who holds it."""
        market, roles = self.market, len(ROLES)
        free = market.holders.mapped & ~market.holders.opted_out
        return Gaps(lack(market).ravel(), (market.holders.group * roles + market.holders.role)[free], market.people[free].astype(np.int64))

    @cached_property
    def lacking(self) -> Truths:
        """Accounts x roles that are a gap: of weight, and not covered."""
        found: Truths = (self.market.wants.weight > 0) & (np.nan_to_num(self.market.found.roles.value) < DEFAULTS.covered)
        return found

    @cached_property
    def opened(self) -> Matrix:
        """Partners x (account, role): the chance that the partner opens it, through its own people and past ours."""
        rules = self.carrying.rules(self.carrying.beginning(self.carrying.mask(self.staff.right)))
        rules = Rules(rules.closed | self.snapshot.ours, rules.unreachable)
        return opens(self.carrying.network, rules, len(self.partners), self.staff, self.gaps)

    @cached_property
    def relation(self) -> Floats:
        """Of each partner how strong the strongest relationship of one of ours with one of its people whom we may contact is, NaN for none."""
        made = np.zeros(len(self.partners))
        for row, _, value in self._known:
            np.maximum.at(made, row, value)
        return np.where(made > 0, made, np.nan)

    @cached_property
    def _known(self) -> list[tuple[Ints, Rows, Floats]]:
        """Partner, (one of theirs, one of ours) and strength, of all that are known and may be contacted."""
        pairs, ours, by = self.snapshot[Pairs], self.snapshot.ours, Csr.by(self.staff.right, self.carrying.network.people)
        free = ~ours & ~self.snapshot.opted_out
        made = []
        for one, other in ((pairs.first, pairs.second), (pairs.second, pairs.first)):
            rows = np.flatnonzero(ours[other] & free[one])
            at = joined(rows, one[rows].astype(np.int64), by, self.staff.left)
            made.append((at.right, Rows(one[at.left].astype(np.int64), other[at.left].astype(np.int64)), pairs.strength[at.left]))
        return made

    def closest(self, row: int) -> tuple[Linked, Linked] | None:
        """Who of us knows whom of a partner best, of those who may be contacted."""
        found = [
            (float(value[at]), -int(rows.right[at]), -int(rows.left[at])) for at_, rows, value in self._known for at in np.flatnonzero(at_ == row)
        ]
        if not found:
            return None
        _, colleague, person = max(found)
        return self.carrying.linked(-colleague), self.carrying.linked(-person)

    @cached_property
    def rivals(self) -> "Rivals":
        """What of competitors partners sell, and where."""
        return Rivals.of(self.snapshot, self.partners)

    @cached_property
    def against(self) -> Ints:
        """Of each partner at how many shared accounts it sells what a competitor makes."""
        return self.rivals.matrices.against(self.theirs.both, self.mine)

    def sold_for(self, row: int) -> dict[int, int]:
        """Competitor -> at how many shared accounts a partner sells what it makes; the most first."""
        shared = np.zeros(len(self.mine), bool)
        shared[columns(self.theirs.both, row)] = True
        found = self.rivals.makers(row, shared & self.mine)
        return dict(sorted(((maker, len(some)) for maker, some in found.items()), key=lambda one: (-one[1], one[0])))

    @cached_property
    def parts(self) -> Parts:
        """The parts of the scores."""
        over = self.overlap
        against = np.divide(self.against, over.shared, out=np.zeros(len(self.partners)), where=over.shared > 0)
        return Parts(
            similarity(self.theirs.both, self.mine, self.kinds), over.lift, complement(self.opened, self.gaps.missing), self.relation, against
        )

    @cached_property
    def order(self) -> Ints:
        """The partners, the best first: by score, then those of whom too little is shared for one, by what they open."""
        rank = np.where(self.overlap.enough, 2 + self.parts.weighed().sum(0), np.nan_to_num(self.parts.complement))
        return np.lexsort((self.partners, -rank))

    def company(self, place: int) -> Linked:
        """A link to a company."""
        companies = self.snapshot.companies
        return Linked(Id(companies.id[int(place)]), companies.name[int(place)])

    def accounts_of(self, row: int) -> tuple[Ints, Ints]:
        """The partner's customers and its targets."""
        return columns(self.theirs.customers, row), columns(self.theirs.targets, row)

    def net_new(self, row: int) -> tuple[Ints, Truths]:
        """The partner's accounts that are not ours, customers first; and which of them are of a kind that we have."""
        customers, targets = self.accounts_of(row)
        found = np.concatenate([customers, targets])
        found = found[self.ours[found] == OTHER]
        return found, self._fitting[found]

    @cached_property
    def _fitting(self) -> Truths:
        """Companies of an industry, size and region, all known, in which we have accounts."""
        kind, whole = self.kinds.kind, self.kinds.whole
        made: Truths = np.isin(kind, np.unique(kind[self.mine & whole])) & whole
        return made

    def assumed(self, view: View) -> bool:
        """Whether any of this rests on what is assumed to have held."""
        if not view.assuming:
            return False
        links, uses, jobs = self.snapshot[Links], self.snapshot[Uses], self.snapshot[Jobs]
        theirs = np.isin(links.company, self.partners) & (links.until > view.as_of)
        here = self.snapshot.present & np.isin(jobs.company, self.partners)
        said = (links.assumed & theirs).any() or (uses.assumed & (uses.until > view.as_of)).any() or (jobs.assumed & here).any()
        return bool(said) or self.market.assumed(view)


@dataclass(frozen=True)
class Rivals:
    """What of competitors partners sell: as matrices, and row by row where a link names a product at a company (partner, company, maker)."""

    matrices: Rivalry
    maker: Ints
    told: tuple[Ints, Ints, Ints]

    @classmethod
    def of(cls, snapshot: Snapshot, partners: Ints) -> "Rivals":
        """A partner sells what the competitor makes for which it resells (the product that the link names, else all), with which it serves a company,
        and what it makes itself, being one.
        """
        companies, products, uses, links = snapshot.companies, snapshot[Products], snapshot[Uses], snapshot[Links]
        count, size, maker = len(products.maker), len(companies.known), products.maker.astype(np.int64)
        row, rival = _row_of(partners, size), (maker >= 0) & companies.competitor[maker]
        by_maker, every = Csr.by(np.where(rival, maker, size), size + 1), np.arange(count)
        theirs = np.flatnonzero((links.until > snapshot.stamp.as_of) & (row[links.company] >= 0))
        resells, serves = theirs[links.kind[theirs] == RESELLS], theirs[links.kind[theirs] == SERVES]
        whole, named, serves = (resells[links.product[resells] < 0], *(some[links.product[some] >= 0] for some in (resells, serves)))
        named, serves = (some[rival[links.product[some]]] for some in (named, serves))
        own = np.flatnonzero(companies.competitor[partners])
        sold = [
            joined(row[links.company[whole]], links.other[whole].astype(np.int64), by_maker, every),
            Rows(row[links.company[named]], links.product[named].astype(np.int64)),
            joined(own, partners[own], by_maker, every),
        ]
        in_use = np.flatnonzero((uses.until > snapshot.stamp.as_of) & (uses.product >= 0))
        told = (row[links.company[serves]], links.other[serves].astype(np.int64), maker[links.product[serves]])
        matrices = Rivalry(
            ones((len(partners), count), *(np.concatenate([one[side] for one in sold]) for side in (0, 1))),
            ones((count, size), uses.product[in_use].astype(np.int64), uses.company[in_use].astype(np.int64)),
            ones((len(partners), size), *told[:2]),
        )
        return cls(matrices, maker, told)

    def makers(self, row: int, among: Truths) -> dict[int, set[int]]:
        """Of one partner, by competitor, the companies among these at which it sells what that one makes."""
        found: dict[int, set[int]] = {}
        for product in columns(self.matrices.sells, row).tolist():
            users = columns(self.matrices.users, product)
            found.setdefault(int(self.maker[product]), set()).update(users[among[users]].tolist())
        partner, served, maker = self.told
        for at in np.flatnonzero((partner == row) & among[served]).tolist():
            found.setdefault(int(maker[at]), set()).add(int(served[at]))
        return {maker: some for maker, some in found.items() if some}


def partners_of(snapshot: Snapshot) -> Ints:
    """Companies marked as partners, and those that partner with us or resell for us; never one of ours."""
    companies, links = snapshot.companies, snapshot[Links]
    made = companies.partner.copy()
    for one, other in ((links.company, links.other), (links.other, links.company)):
        tied = (links.kind == PARTNERS_WITH) | ((links.kind == RESELLS) & (one is links.company))
        made[one[tied & (links.until > snapshot.stamp.as_of) & companies.us[other]]] = True
    return np.flatnonzero(made & companies.known & ~companies.us)


def _fitted(market: Market, carrying: Carrying, partners: Ints, whole: bool) -> Fit:
    snapshot = market.snapshot
    companies, products, uses, bought = snapshot.companies, snapshot[Products], snapshot[Uses], snapshot[Purchases]
    universe = companies.known & ~companies.us & (companies.account | ~companies.competitor)
    in_use, sold = (uses.until > snapshot.stamp.as_of) & (uses.product >= 0), bought.product >= 0
    buyer = np.concatenate([uses.company[in_use], bought.company[sold]]).astype(np.int64)
    maker = products.maker[np.concatenate([uses.product[in_use], bought.product[sold]])].astype(np.int64)
    buyer, maker = buyer[maker >= 0], maker[maker >= 0]
    customer = np.zeros(len(universe), bool)
    customer[buyer[companies.us[maker]]] = True
    asked = np.zeros(len(universe), bool)
    asked[market.places] = True
    asked |= customer & whole
    ours = np.select([asked & customer, asked, customer | companies.account], [CUSTOMER, TARGET, ELSEWHERE], OTHER).astype(np.int64)
    links = snapshot[Links]
    serves = (links.kind == SERVES) & (links.until > snapshot.stamp.as_of)
    row = _row_of(partners, len(universe))
    seller = np.concatenate([links.company[serves].astype(np.int64), maker])
    to = np.concatenate([links.other[serves].astype(np.int64), buyer])
    theirs_own = row[seller] >= 0
    sold_rows = Rows(row[seller[theirs_own]], to[theirs_own])
    shape, met = (len(partners), len(universe)), _met(snapshot, partners)
    theirs = Accounts.of(shape, _not_own(sold_rows, partners), _not_own(met, partners), universe)
    return Fit(market, carrying, partners, ours, universe, theirs)


def _not_own(rows: Rows, partners: Ints) -> Rows:
    """Without the partner itself."""
    others = partners[rows.left] != rows.right
    return Rows(rows.left[others], rows.right[others])


def _row_of(partners: Ints, companies: int) -> Ints:
    row = np.full(companies, -1)
    row[partners] = np.arange(len(partners))
    return row


def _employed(snapshot: Snapshot, partners: Ints) -> Rows:
    jobs = snapshot[Jobs]
    row = np.where(snapshot.present, _row_of(partners, len(snapshot.companies.known))[jobs.company], -1)
    pairs = np.unique(np.stack([row, jobs.person])[:, row >= 0], axis=1)
    return Rows(pairs[0], pairs[1])


def _met(snapshot: Snapshot, partners: Ints) -> Rows:
    """The companies with whose people a partner's people were in touch of late."""
    pairs, jobs, people = snapshot[Pairs], snapshot[Jobs], len(snapshot.ours)
    company, staff = jobs.company[snapshot.present].astype(np.int64), _employed(snapshot, partners)
    at_work, by = Csr.by(jobs.person[snapshot.present], people), Csr.by(staff.right, people)
    recent = pairs.last_at >= snapshot.stamp.as_of - round(DEFAULTS.met_days * DAY)
    found = []
    for one, other in ((pairs.first, pairs.second), (pairs.second, pairs.first)):
        rows = np.flatnonzero(recent)
        of = joined(rows, one[rows].astype(np.int64), by, staff.left)
        found.append(joined(of.right, other[of.left].astype(np.int64), at_work, company))
    return Rows(np.concatenate([rows.left for rows in found]), np.concatenate([rows.right for rows in found]))


def _numbers(texts: Sequence[str] | Texts) -> Ints:
    """A number for each text, upper and lower case alike, -1 for an empty one."""
    lower = np.array([text.lower() for text in texts], object)
    known = lower != ""
    made = np.full(len(lower), -1)
    made[known] = np.unique(lower[known].astype(str), return_inverse=True)[1]
    return made
