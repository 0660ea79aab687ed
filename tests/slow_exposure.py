"""Exposure to a competitor row by row in plain Python, over files as they were loaded: slow, obvious, and nothing of the product in it."""

from collections import defaultdict
from functools import cache, cached_property
from itertools import pairwise, permutations
from math import exp, inf, log, prod

from tests.slow import DAY, MAPPED, SURE, Slow, instant

ALPHA = {"INSTALLED": 0.9, "INTERACTIONS": 0.5, "EX_EMPLOYEES": 0.4, "KOLS": 0.35, "PARTNERS": 0.3, "PEERS": 0.2}
KAPPA = {"INSTALLED": 1, "INTERACTIONS": 5, "EX_EMPLOYEES": 0.3, "KOLS": 1, "PARTNERS": 1, "PEERS": 1}
LIFE = {"INSTALLED": 365, "INTERACTIONS": 90, "EX_EMPLOYEES": 3 * 365, "KOLS": 180, "PARTNERS": 365, "PEERS": inf}
READINGS = {"value": lambda m: m, "low": lambda m: m if m >= SURE else 0.0, "high": lambda m: 1.0 if m >= MAPPED else m}
SAID = {"strong": 0.7, "medium": 0.4, "weak": 0.2, "": 0.4}
YEAR = 365


def bounded(name, rows):
    """One root from rows ``(thing, x, sure)``: at each level of confidence what is at least as sure, each thing once, the most of it."""
    value = 0.0
    for low, high in pairwise([0.0, *sorted({sure for _, _, sure in rows})]):
        most = defaultdict(float)
        for thing, x, sure in rows:
            if sure >= high:
                most[thing] = max(x, most[thing])
        total = min(sum(most.values()), 3.0) if name == "INSTALLED" else sum(most.values())
        value += (high - low) * ALPHA[name] * (1 - exp(-total / KAPPA[name]))
    return value


def sure_of(row):
    """How sure a row's source is."""
    return float(row.get("confidence") or 1)


def strong(row):
    """What a row says of strength."""
    return SAID[row["strength"]] if row["strength"] in SAID else float(row["strength"])


class Exposed(Slow):
    """A market's files at an instant, and how exposed each account is."""

    def left(self, name, row):
        """What is left of a stretch: all while it holds, half a half-life after its end."""
        until = instant(row["valid_to"]) if row.get("valid_to") else None
        return 1.0 if until is None or until > self.at else 0.5 ** ((self.at - until) / DAY / LIFE[name])

    def table(self, kind):
        """The rows that had begun by then."""
        return [row for row in self.rows.get(kind, []) if self.began(row)]

    @cached_property
    def all_jobs(self):
        """Everybody's jobs as rows."""
        shortcut = [row | {"valid_from": "", "valid_to": ""} for row in self.rows.get("people", []) if row.get("company_id")]
        return shortcut + self.table("employments")

    @cached_property
    def companies(self):
        """The last row that holds of each company."""
        return {row["company_id"]: row for row in self.rows["companies"] if self.holds(row)}

    def weights(self, account, read=READINGS["value"], gone=None):
        """``{person: weight in the decision}``."""
        template, total = self.template(account), sum(weight for weight, _, _ in self.template(account).values())
        found = defaultdict(float)
        for role, people in self.holders(account).items():
            for person, m in people.items():
                if person != gone:
                    found[person] += template.get(role, (0.0,))[0] / total * read(m)
        return found

    def concerned(self, event, person):
        """The companies that an event concerned, but for whom the person works for."""
        row = next(row for row in self.rows["interactions"] if row["interaction_id"] == event.id)
        found = {row.get("company_id")}
        found |= {one["company_id"] for one in self.rows["products"] if one["product_id"] == row.get("product_id")}
        found |= {
            who for one in self.rows.get("campaigns", []) if one["campaign_id"] == row.get("campaign_id") for who in one["organiser_ids"].split(";")
        }
        people = {who for who, _, _ in event.took}
        others = people - {person} if len(people) <= 50 else set()
        return found | {job["company_id"] for job in self.all_jobs if job["person_id"] in others and self.held(job, event.at)}

    @staticmethod
    def held(row, at):
        """Whether a row's stretch held at an instant."""
        return (not row["valid_from"] or instant(row["valid_from"]) <= at) and (not row["valid_to"] or at < instant(row["valid_to"]))

    def dealings(self, person, company):
        """``{campaign or event: (at, sure)}``: what the person took part in that concerned the company, the latest of each campaign."""
        latest = {}
        for event in self.events:
            sure = max((sure for who, _, sure in event.took if who == person), default=None)
            apart = event.noise or event.type in ("ticket", "unsubscribe") or event.status not in ("held", "accepted", "open")
            if sure is None or apart or company not in self.concerned(event, person):
                continue
            row = next(row for row in self.rows["interactions"] if row["interaction_id"] == event.id)
            thing = row.get("campaign_id") or event.id
            latest[thing] = max(latest.get(thing, (event.at, sure)), (event.at, sure))
        return latest

    @cached_property
    def chances(self):
        """``{(who, whom): chance}``: who is heard by whom (method 5.5)."""
        kinds = defaultdict(lambda: defaultdict(float))

        def told(who, whom, kind, p):
            kinds[who, whom][kind] = max(p, kinds[who, whom][kind])

        for one, other in {pair for event in self.events for pair in permutations({who for who, _, _ in event.took}, 2)}:
            told(one, other, "INTERACTION", 0.8 * self.tie(one, other))
        for row in self.table("influence"):
            if self.holds(row) and row["kind"] in ("", "ADVISES", "FOLLOWS"):
                ends = (row["to_id"], row["from_id"]) if row["kind"] == "FOLLOWS" else (row["from_id"], row["to_id"])
                told(*ends, "ADVISES", strong(row) * sure_of(row))
        lines = [row for row in self.rows.get("people", []) if row.get("manager_id")] + self.table("reporting")
        for row in lines:
            if self.holds(row):
                told(row["manager_id"], row["person_id"], "REPORTING", 0.6 * sure_of(row))
                told(row["person_id"], row["manager_id"], "REPORTING", 0.4 * sure_of(row))
        for one, other in self.together():
            told(one, other, "CO_AFFILIATION", 0.15)
        joined = {ends: min(1 - prod(1 - p for p in some.values()), 0.95) for ends, some in kinds.items()}
        shrunk = {ends: min((sum(self.tries.get(ends, [])) + 10 * p) / (len(self.tries.get(ends, [])) + 10), 0.95) for ends, p in joined.items()}
        return {ends: p for ends, p in shrunk.items() if p >= 0.01}

    def together(self):
        """Pairs who were at one place for a year or more and are not both there now."""
        stays = [row for row in (*self.all_jobs, *self.table("affiliations")) if row.get("kind", "alumni") == "alumni" and row["valid_from"]]
        made = set()
        for one, other in permutations(stays, 2):
            if one["person_id"] == other["person_id"] or one["company_id"] != other["company_id"]:
                continue
            start = max(instant(row["valid_from"]) for row in (one, other))
            until = min([self.at, *(instant(row["valid_to"]) for row in (one, other) if row["valid_to"])])
            both_now = all((row["person_id"], row["company_id"]) in self.jobs for row in (one, other))
            if (until - start) / DAY >= YEAR and not both_now:
                made.add((one["person_id"], other["person_id"]))
        return made

    @cache  # noqa: B019
    def carries(self, seed):
        """``{person: chance of the best way}`` from one person, past nobody of ours."""
        best, walks = {}, [((seed,), 1.0)]
        for hop in range(3):
            walks = [
                ((*walk, whom), chance * p * (0.8 if hop else 1))
                for walk, chance in walks
                for (who, whom), p in self.chances.items()
                if who == walk[-1] and whom not in walk and whom not in self.ours
            ]
            walks = [(walk, chance) for walk, chance in walks if chance >= 0.02]
            for walk, chance in walks:
                best[walk[-1]] = max(chance, best.get(walk[-1], 0.0))
        return best

    def ties(self, company, mover=None, joined=None):
        """``[(person, how firmly, sure, is a job)]``: who is bound to a company, had the mover joined it or not."""
        made = [(row["person_id"], self.left("KOLS", row), sure_of(row), True, row) for row in self.all_jobs if row["company_id"] == company]
        made += [
            (row["person_id"], strong(row) * self.left("KOLS", row), sure_of(row), False, row)
            for row in self.table("affiliations")
            if row["company_id"] == company
        ]
        if joined is False:
            made = [one for one in made if not (one[0] == mover and one[3] and self.holds(one[4]))]
        if joined is True and (mover, company) not in self.jobs:
            made.append((mover, 1.0, 1.0, True, {}))
        return [one[:4] for one in made if one[0] not in self.ours and one[1] >= 0.01]

    def reached(self, account, who, read, gone=None):
        """The weight of the roles of a committee whose holders somebody reaches."""
        template, total = self.template(account), sum(weight for weight, _, _ in self.template(account).values())
        chance = {**self.carries(who), who: 1.0}
        return sum(
            template.get(role, (0.0,))[0]
            / total
            * (1 - prod(1 - read(m) * chance.get(person, 0.0) for person, m in people.items() if person != gone))
            for role, people in self.holders(account).items()
        )

    def peers(self, account):
        """Accounts of the same parent, industry or province."""
        mine = self.companies[account]
        return [
            id_
            for id_, row in self.companies.items()
            if id_ != account
            and "account" in (row.get("kinds") or "account").split(";")
            and any(row.get(name) and (row[name] or "").lower() == (mine.get(name) or "").lower() for name in ("parent_id", "industry", "province"))
        ]

    def uses(self, company, maker):
        """The rows of a maker's products at a company."""
        its = {row["product_id"] for row in self.rows["products"] if row["company_id"] == maker}
        return [row for row in self.table("uses") if row["company_id"] == company and row["product_id"] in its]

    def partners(self, account, company):
        """``{partner: (activity, sure)}``: who serves the account and sells the company's products."""
        found = {}
        for row in self.table("company_links"):
            if not (self.holds(row) and row["kind"] == "SERVES" and row["to_id"] == account):
                continue
            sells = [
                sure_of(link)
                for link in self.table("company_links")
                if self.holds(link)
                and (
                    (link["kind"] in ("RESELLS", "PARTNERS_WITH") and (link["from_id"], link["to_id"]) == (row["from_id"], company))
                    or (link["kind"] == "PARTNERS_WITH" and (link["to_id"], link["from_id"]) == (row["from_id"], company))
                )
            ]
            if sells and row["from_id"] != company:
                found[row["from_id"]] = (self.activity(account, row["from_id"]), sure_of(row) * max(sells))
        return found

    def activity(self, account, partner):
        """How active a partner is at an account: 1 where no event is known."""
        known = (self.companies[partner].get("kinds") or "").split(";")
        people = {person for person, company in self.jobs if company == account} | set(self.weights(account))
        when = [at for person in people for at, _ in self.dealings(person, partner).values()] if {"partner", "competitor"} & set(known) else []
        return 0.5 ** ((self.at - max(when)) / DAY / LIFE["PARTNERS"]) if when else 1.0

    def facts(self, account, company, reading="value", mover=None, joined=None):
        """``{root: [(thing, x, sure)]}``."""
        read = READINGS[reading]
        leaves = mover if joined is True and (mover, company) not in self.jobs else None
        weights = self.weights(account, read, leaves)
        seated = set(self.weights(account, gone=leaves))
        found = defaultdict(list)
        for row in self.uses(account, company):
            share = float(row["seat_share"]) if row.get("seat_share") else 0.5
            found["INSTALLED"].append((row["product_id"], 3 * share * self.left("INSTALLED", row), sure_of(row)))
        for person, weight in weights.items():
            for thing, (at, sure) in self.dealings(person, company).items():
                found["INTERACTIONS"].append(((person, thing), weight * 0.5 ** ((self.at - at) / DAY / LIFE["INTERACTIONS"]), sure))
            for row in self.all_jobs:
                there = row["person_id"] == person and row["company_id"] == company
                if there and not (joined is False and person == mover and self.holds(row)):
                    found["EX_EMPLOYEES"].append((person, weight * self.left("EX_EMPLOYEES", row), sure_of(row)))
        for who, firm, sure, job in self.ties(company, mover, joined):
            if not (job and who in seated):
                found["KOLS"].append((who, firm * self.reached(account, who, read, leaves), sure))
        for partner, (activity, sure) in self.partners(account, company).items():
            found["PARTNERS"].append((partner, activity, sure))
        peers = self.peers(account)
        using = [id_ for id_ in peers if any(self.holds(row) for row in self.uses(id_, company))]
        if peers:
            found["PEERS"].append(("peers", 2 * len(using) / len(peers), 1.0))
        return found

    def exposure(self, account, company, reading="value", mover=None, joined=None):
        """``(threat or None, {root: e}, {root: share})``."""
        facts = self.facts(account, company, reading, mover, joined)
        each = {name: bounded(name, [row for row in facts[name] if row[1] > 0]) for name in ALPHA}
        lost = {name: -log(1 - e) for name, e in each.items()}
        total = sum(lost.values())
        return (1 - exp(-total) if total else None), each, {name: one / total if total else 0.0 for name, one in lost.items()}

    def known_share(self, account):
        """How much of what could expose it is looked at, the roots by their bounds."""
        mapped = self.coverage(account)["known"]
        used = any(row["company_id"] == account for row in self.table("uses"))
        served = any(row["kind"] == "SERVES" and row["to_id"] == account and self.holds(row) for row in self.table("company_links"))
        known = dict(zip(ALPHA, (used, mapped, mapped, mapped, served, bool(self.peers(account))), strict=True))
        return sum(ALPHA[name] * known[name] for name in ALPHA) / sum(ALPHA.values())

    def displacement(self, account, company):
        """How far the company could be displaced, None where that cannot be said."""
        open_ = []
        for row in self.uses(account, company):
            if self.holds(row) and row.get("satisfaction") and row.get("renewal_on") and instant(row["renewal_on"]) >= self.at:
                distance = min(1.0, (instant(row["renewal_on"]) - self.at) / DAY / 365)
                open_.append((1 - float(row["satisfaction"])) / 2 * (1 - distance))
        installed = self.exposure(account, company)[1]["INSTALLED"]
        covered = self.coverage(account)["value"]
        return installed * max(open_) * covered if open_ and covered is not None else None

    def counted(self, account, company):
        """How many recorded things expose it, each once; of peers those that use its products."""
        facts = self.facts(account, company)
        using = [id_ for id_ in self.peers(account) if any(self.holds(row) for row in self.uses(id_, company))]
        return sum(len({thing for thing, x, sure in facts[name] if x > 0 and sure > 0}) for name in ALPHA if name != "PEERS") + len(using)
