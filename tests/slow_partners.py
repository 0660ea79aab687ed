"""Partners row by row in plain Python, over files as they were loaded: sets of companies, every way and every set of partners tried."""

from collections import Counter, defaultdict
from functools import cached_property
from itertools import combinations
from math import log2

from scipy.spatial.distance import jensenshannon
from scipy.stats import beta, gamma, hypergeom

from tests.slow import DAY, Slow, instant, sums

SIZES = (10, 50, 250, 1000, 5000)
COVERED, OPENED, SHRINK = 0.35, 0.2, 5


class SlowPartners(Slow):
    """A market's files at an instant, and what method.md 5.5 says of its partners."""

    def __init__(self, files, at):
        super().__init__(files, at)
        sways = [row for row in self.rows.get("influence", []) if self.holds(row)]
        turned = [row | {"kind": "ADVISES", "from_id": row["to_id"], "to_id": row["from_id"]} for row in sways if row["kind"] == "FOLLOWS"]
        self.rows["influence"] = [row for row in sways if row["kind"] == "ADVISES"] + turned
        lines = self.rows.get("reporting", [])
        told = {row["person_id"] for row in lines if row.get("line") != "DOTTED"}
        bosses = [row for row in self.rows.get("people", []) if row.get("manager_id") and row["person_id"] not in told]
        self.rows["reporting"] = [row for row in [*lines, *bosses] if self.holds(row)]

    @cached_property
    def companies(self):
        """Company -> its last row that holds."""
        return {row["company_id"]: row for row in self.rows["companies"] if self.holds(row)}

    def kinds(self, company):
        return (self.companies[company].get("kinds") or "account").split(";")

    @cached_property
    def market(self):
        """Everybody but ourselves and competitors."""
        outside = {company for company in self.companies if "us" in self.kinds(company)}
        return {
            company for company in self.companies if not {"us", "competitor"} & {*self.kinds(company)} or "account" in self.kinds(company)
        } - outside

    @cached_property
    def maker(self):
        return {row["product_id"]: row.get("company_id") or "" for row in self.rows.get("products", [])}

    @cached_property
    def using(self):
        """Pairs (company, product) in use."""
        return {(row["company_id"], row["product_id"]) for row in self.rows.get("uses", []) if self.holds(row)}

    def buyers(self, maker):
        """Who uses or bought what a company makes."""
        bought = {(row["company_id"], row["product_id"]) for row in self.rows.get("purchases", []) if instant(row["on"]) <= self.at}
        return {company for company, product in self.using | bought if self.maker.get(product) == maker}

    def links(self, kind):
        """Rows (from, to, product) that hold."""
        rows = [row for row in self.rows.get("company_links", []) if row["kind"] == kind and self.holds(row)]
        return [(row["from_id"], row["to_id"], row.get("product_id") or "") for row in rows]

    @cached_property
    def us(self):
        return {company for company in self.companies if "us" in self.kinds(company)}

    @cached_property
    def partners(self):
        made = {company for company in self.market if "partner" in self.kinds(company)}
        for one, other, _ in self.links("PARTNERS_WITH"):
            made |= {one} if other in self.us else {other} if one in self.us else set()
        return sorted(made | {one for one, other, _ in self.links("RESELLS") if other in self.us})

    def staff(self, company):
        """Who works there."""
        return {person for person, at in self.jobs if at == company}

    @cached_property
    def our_customers(self):
        return set().union(*(self.buyers(maker) for maker in self.us)) & self.market

    @cached_property
    def our_accounts(self):
        """Customers and targets."""
        return self.our_customers | {company for company in self.market if "account" in self.kinds(company)}

    def customers(self, partner):
        served = {other for one, other, _ in self.links("SERVES") if one == partner}
        return (served | self.buyers(partner)) & self.market - {partner}

    def met_lately(self, one, other):
        """Whether the two met, in a way that counts, within 24 months."""
        together = [event for event in self.events if {one, other} <= {who for who, _, _ in event.took} and self.at - event.at <= 730 * DAY]
        return bool(sums(together, one, self.at, {other}, set())[1])

    def targets(self, partner):
        staff = self.staff(partner)
        met = {at for person, at in self.jobs if any(self.met_lately(person, own) for own in staff if own != person)}
        return met & self.market - {partner} - self.customers(partner)

    def grid(self, partner):
        """Customer, target, other of ours by customer, target, other of theirs."""
        theirs = [self.customers(partner), self.targets(partner)]
        theirs.append(self.market - theirs[0] - theirs[1])
        ours = [self.our_customers, self.our_accounts - self.our_customers, self.market - self.our_accounts]
        return [[len(own & other) for other in theirs] for own in ours]

    def overlap(self, partner):
        """Of both lists, with intervals."""
        theirs, ours, n = self.customers(partner) | self.targets(partner), self.our_accounts, len(self.market)
        shared, rate = len(ours & theirs), len(ours) * len(theirs) / n + SHRINK
        low, high = gamma(shared + SHRINK, scale=1 / rate).ppf([0.025, 0.975])
        least, most = beta(shared + 0.5, len(theirs) - shared + 0.5).ppf([0.025, 0.975])
        return {
            "jaccard": shared / len(ours | theirs),
            "containment": shared / min(len(ours), len(theirs)),
            "share": shared / len(theirs),
            "shareLow": least if shared else 0,
            "shareHigh": most if shared < len(theirs) else 1,
            "lift": (shared + SHRINK) / rate,
            "liftLow": low,
            "liftHigh": high,
            "byChance": hypergeom(n, len(ours), len(theirs)).sf(shared - 1),
        }

    def kind(self, company):
        """Industry, size and region together; None where none is known."""
        row = self.companies[company]
        staff = row.get("employees")
        size = sum(int(staff) >= begin for begin in SIZES) if staff else None
        made = ((row.get("industry") or "").lower(), size, (row.get("province") or row.get("country") or "").lower())
        return None if made == ("", None, "") else made

    def similarity(self, partner):
        sides = [self.our_accounts, self.customers(partner) | self.targets(partner)]
        mine, theirs = (Counter(kind for one in sorted(side) if (kind := self.kind(one))) for side in sides)
        there = sorted({*mine, *theirs}, key=str)
        return 1 - jensenshannon([mine[kind] + 0.5 for kind in there], [theirs[kind] + 0.5 for kind in there], base=2) ** 2

    @cached_property
    def earlier(self):
        """Pairs who were at one place for a year or more, and are not both there now."""
        stays = defaultdict(list)
        for kind in ("employments", "affiliations"):
            for row in self.rows.get(kind, []):
                if row.get("valid_from") and (kind == "employments" or row["kind"] == "alumni"):
                    end = min(instant(row["valid_to"]), self.at) if row.get("valid_to") else self.at
                    if (end - instant(row["valid_from"])) / DAY >= 365:
                        stays[row["company_id"]].append((row["person_id"], instant(row["valid_from"]), end))
        made = set()
        for company, some in stays.items():
            now = self.staff(company)
            for (one, start, end), (other, begun, ended) in combinations(some, 2):
                if one != other and (min(end, ended) - max(start, begun)) / DAY >= 365 and not {one, other} <= now:
                    made.add((one, other))
        return tuple(made)

    @cached_property
    def lacks(self):
        """(account, role) -> worth x weight x (1 - coverage)."""
        made = {}
        for account in sorted(company for company in self.market if "account" in self.kinds(company)):
            for role, one in self.coverage(account)["roles"].items():
                if one["weight"]:
                    made[account, role] = self.worth(account) * one["weight"] * (1 - (one["value"] or 0))
        return made

    def opens(self, partner):
        """(account, role) -> the chance of the best way from one of the partner's people to a holder, past ours, rivals and who owes too much."""
        out = {who for who in self.names if self.opted_out(who) and who not in self.ours}
        shut = out | self.ours | self.tired | (self.rivals - self.staff(partner))
        begin, made = self.staff(partner) - shut, {}
        for account, role in self.lacks:
            holders = {who for who, sure in self.holders(account).get(role, {}).items() if sure >= 0.3 and who not in out}
            own = [1.0] * bool(holders & begin)
            ways = [chance for who in holders - begin for chance in self.ways(begin, who, shut).values()]
            made[account, role] = max([0.0, *own, *ways])
        return made

    def together(self, partners):
        """The share of what we lack that some partners open, each role as well as the best of them."""
        opened = [self.opened[partner] for partner in partners]
        return sum(lack * max((one[cell] for one in opened), default=0.0) for cell, lack in self.lacks.items()) / sum(self.lacks.values())

    @cached_property
    def opened(self):
        return {partner: self.opens(partner) for partner in self.partners}

    def best_set(self, size):
        """What the best of all sets of a size opens."""
        return max(self.together(some) for many in range(size + 1) for some in combinations(self.partners, many))

    def greedy(self, size):
        """Those who add most each time; of equals the smaller id."""
        chosen = []
        while len(chosen) < size:
            left = [one for one in self.partners if one not in chosen]
            best = min(left, key=lambda one: (-round(self.together([*chosen, one]), 12), one), default=None)
            if best is None or self.together([*chosen, best]) <= self.together(chosen) + 1e-12:
                break
            chosen.append(best)
        return chosen

    def relation(self, partner):
        """The strongest of ours with one of theirs who may be contacted; None for nobody."""
        free = {person for person in self.staff(partner) if not self.opted_out(person)}
        return max((self.tie(person, own) for person in free for own in self.ours), default=0.0) or None

    def sold_against(self, partner):
        """Competitor -> the shared accounts at which the partner sells what it makes."""
        shared = (self.customers(partner) | self.targets(partner)) & self.our_accounts
        rivals = {company for company in self.companies if "competitor" in self.kinds(company)}
        found = defaultdict(set)
        for one, other, product in self.links("SERVES"):
            if one == partner and self.maker.get(product) in rivals:
                found[self.maker[product]].add(other)
        sold = {(other, product) for one, other, product in self.links("RESELLS") if one == partner} | (
            {(partner, "")} & {(one, "") for one in rivals}
        )
        for company, product in self.using:
            maker = self.maker.get(product)
            if maker in rivals and any(product == named if named else maker == other for other, named in sold):
                found[maker].add(company)
        return {rival: some & shared for rival, some in found.items() if some & shared}

    def parts(self, partner):
        """The five parts of the score and what each gives."""
        shared = sum(map(sum, [row[:2] for row in self.grid(partner)[:2]]))
        against = set().union(*self.sold_against(partner).values())
        values = [self.similarity(partner), min(1, log2(1 + self.overlap(partner)["lift"]) / 3), self.together([partner]), self.relation(partner)]
        given = [weight * (value or 0) for weight, value in zip((0.30, 0.20, 0.35, 0.15), values, strict=True)]
        conflict = len(against) / shared if shared else 0
        return [*values, conflict], [*given, -0.7 * conflict * sum(given)], shared
