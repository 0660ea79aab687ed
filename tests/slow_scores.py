"""Scores of method.md 5.6 taken event by event in plain Python, over files as they were loaded: slow, obvious, and nothing of the product in it."""

from collections import defaultdict
from dataclasses import dataclass, field
from math import exp, prod

from tests.slow import DAY, Slow, instant

STANDARD = {  # type: (points, ladder, what counts once)
    "registration": (1, "event", ("campaign",)),
    "check_in": (3, "event", ("campaign",)),
    "attendance": (3, "event", ("campaign",)),
    "certificate": (10, "certificate", ("product", "campaign")),
    "download": (2, "download", ("product", "campaign")),
    "article": (0.5, "article", ("campaign",)),
    "watch": (1, "watch", ("campaign",)),
    "trial": (5, "trial", ("product", "campaign")),
    "question": (3, "question", ("campaign",)),
}
ADDITIVE = STANDARD | {
    "registration": (1, "registration", ("campaign",)),
    "check_in": (3, "in", ("campaign",)),
    "attendance": (3, "in", ("campaign",)),
}
HELD = ("held", "accepted", "open")
DID = {"SENDER", "ATTENDEE", "SPEAKER"}


@dataclass
class Done:
    """One interaction as one person had part in it."""

    id: str
    type: str
    at: object
    status: str = "held"
    noise: str | None = None
    rival: bool = False
    parts: set = field(default_factory=lambda: {"SENDER"})
    minutes: float | None = None
    campaign: str | None = None
    product: str | None = None
    topic: str | None = None


def points(one, rules):
    """What a rule gives for it; 0 where it does not count."""
    if one.noise or one.rival or one.status not in HELD:
        return 0
    worth = rules[one.type][0]
    return min(worth * ((one.minutes or 0) // 15), 4) if one.type == "watch" else worth


def earning(done, rules=STANDARD, cap=10):
    """``[(event, points, lifted, counted)]``, the earliest first; each event once."""
    given, of_day, rows, seen = defaultdict(float), defaultdict(float), [], set()
    for one in sorted(done, key=lambda one: (one.at, one.id)):
        parts = DID | ({"RECIPIENT", "RECEIVER"} if one.type == "certificate" else set())
        if one.type not in rules or not one.parts & parts or one.id in seen:
            continue
        seen.add(one.id)
        _, ladder, objects = rules[one.type]
        thing = next(((kind, name) for kind in objects if (name := getattr(one, kind))), ("", one.id))
        worth = points(one, rules)
        lifted = max(worth - given[ladder, thing], 0)
        given[ladder, thing] += lifted
        counted = lifted if cap is None else min(lifted, cap - of_day[one.at.date()])
        of_day[one.at.date()] += counted
        rows.append((one, worth, lifted, counted))
    return rows


def left(rows, at, half=90):
    """What is left of the points at an instant."""
    return sum(counted * 0.5 ** ((at - one.at) / DAY / half) for one, _, _, counted in rows)


BANTC = {"BUDGET": 0.2, "AUTHORITY": 0.25, "NEED": 0.25, "TIMING": 0.15, "COMPETITION": 0.15}
LEVELS = {"unknown": 0, "assumed": 0.34, "stated": 0.67, "verified": 1}
SIGNS = {"certificate": 3, "trial": 3, "message": 0.5, "article": 0.5, "page_view": 0.25}
SIGNS |= dict.fromkeys(("download", "registration", "check_in", "attendance", "watch", "question", "intent", "meeting", "visit", "call"), 1)
STRONG = {"certificate", "trial"}


def interests(signs, at):
    """``{tag: (evidence left, how many things, whether it is assigned)}`` of ``[(tag, Done)]``, without what has faded."""
    things, strong = defaultdict(lambda: defaultdict(float)), set()
    for tag, one in signs:
        parts = DID | ({"RECIPIENT", "RECEIVER"} if one.type in STRONG else set())
        if one.type not in SIGNS or one.noise or one.status not in HELD or not one.parts & parts or one.at > at:
            continue
        stays = 1 if one.minutes is None else min(max(one.minutes // 15, 1), 4)
        thing = ("campaign", one.campaign) if one.campaign else ("event", one.id)
        things[tag][thing] = max(things[tag][thing], SIGNS[one.type] * stays * 0.5 ** ((at - one.at) / DAY / 180))
        strong |= {tag} if one.type in STRONG else set()
    found = {tag: (sum(some.values()), len(some), tag in strong or len(some) >= 2) for tag, some in things.items()}
    return {tag: one for tag, one in found.items() if one[0] >= 0.25}


class SlowScores(Slow):
    """A market's files and what people did."""

    def did(self, person):
        """``[Done]`` of a person up to the instant, under any of their identifiers."""
        own = next((row for row in self.rows["people"] if row["person_id"] == person), {})
        names = {person, *(own.get("identifiers") or "").split(";")} - {""}
        kinds = {row["company_id"]: (row.get("kinds") or "account").split(";") for row in self.rows["companies"]}
        campaigns = {row["campaign_id"]: row for row in self.rows.get("campaigns", [])}
        products = {row["product_id"]: row for row in self.rows.get("products", [])}
        took = defaultdict(set)
        for row in self.rows.get("participants", []):
            took[row["interaction_id"]] |= {row.get("part") or "ATTENDEE"} if row["person_id"] in names else set()
        found = []
        for number, row in enumerate(self.rows["interactions"]):
            parts = took[row["interaction_id"]] if row["interaction_id"] else set()
            parts = parts | ({"SENDER"} if row.get("from_id") in names else set())
            parts |= {"RECIPIENT"} if names.intersection((row.get("to_ids") or "").split(";")) else set()
            if not parts or instant(row["at"]) > self.at or self.was_ours(person, instant(row["at"])):
                continue
            campaign, product = row.get("campaign_id") or None, row.get("product_id") or None
            hosts = [kinds[one] for one in (campaigns.get(campaign, {}).get("organiser_ids") or "").split(";") if one]
            seller = kinds[products[product]["company_id"]] if product in products else []
            rival = (any("competitor" in one for one in hosts) and not any("us" in one for one in hosts)) if hosts else "competitor" in seller
            minutes = float(row["minutes"]) if row.get("minutes") else None
            status, noise, topic = row.get("status") or "held", row.get("noise") or None, row.get("topic") or None
            at = instant(row["at"])
            found.append(
                Done(row["interaction_id"] or f"row {number}", row["type"], at, status, noise, rival, parts, minutes, campaign, product, topic)
            )
        return found

    def engagement(self, person, rules=STANDARD):
        """``(rows, points left, score)``."""
        rows = earning(self.did(person), rules)
        now = left(rows, self.at)
        return rows, now, 1 - exp(-now / 10)

    def interests(self, person):
        """As ``interests``, of ``(kind, tag)``."""
        campaigns = {row["campaign_id"]: row for row in self.rows.get("campaigns", [])}
        names = {row["product_id"]: row["name"] for row in self.rows.get("products", [])}
        sources = {row["interaction_id"] or f"row {number}": row.get("utm_source") for number, row in enumerate(self.rows["interactions"])}
        signs = []
        for one in self.did(person):
            campaign = campaigns.get(one.campaign, {})
            topics = {one.topic, *(campaign.get("topics") or "").split(";")} - {None, ""}
            products = {one.product} if one.product else {*(campaign.get("product_ids") or "").split(";")} - {""}
            signs += [(("TOPIC", topic), one) for topic in topics] + [(("PRODUCT", names.get(product, product)), one) for product in products]
            signs += [(("FORMAT", campaign["type"]), one)] if campaign else []
            signs += [(("SOURCE", sources[one.id]), one)] if sources[one.id] else []
        return interests(signs, self.at)

    def deal(self, deal):
        """The deal's last row."""
        return next(row for row in reversed(self.rows["opportunities"]) if row["opportunity_id"] == deal)

    def bantc(self, deal):
        """``({field: (state, days, capped, known)}, completeness, approver's coverage)``."""
        row = self.deal(deal)
        account, group = row["company_id"], row.get("group_id") or row["opportunity_id"]
        roles = self.coverage(account, None if group == account else group)["roles"]
        may = {"DECISION_MAKER", "ECONOMIC_BUYER", "PROCUREMENT"} & set(self.template(account, group))
        held = self.holders(account, None if group == account else group)
        said = [one for one in self.rows["roles"] if self.holds(one) and self.group_of(one) in (group, account) and one["role"] in held]
        may |= {one["role"] for one in said if one.get("authority") in ("approve", "veto") and one["person_id"] in held[one["role"]]}
        covered = max((roles[role]["value"] for role in may if role in roles and roles[role]["value"] is not None), default=None)
        latest = {}
        for one in self.rows.get("bantc", []):
            if one["opportunity_id"] == deal and self.holds(one) and (one["field"] not in latest or one["at"] > latest[one["field"]]["at"]):
                latest[one["field"]] = one
        found = {}
        for name in BANTC:
            state = latest[name]["state"] if name in latest else "unknown"
            days = (self.at - instant(latest[name]["at"])) / DAY if name in latest else None
            capped = name == "AUTHORITY" and state == "verified" and (covered is None or covered < 0.35)
            known = (0.67 if capped else LEVELS[state]) * 0.5 ** ((days or 0) / 120)
            found[name] = (state, days, capped, known)
        return found, sum(BANTC[name] * known for name, (_, _, _, known) in found.items()), covered

    def fit(self, account):
        """What is said, else by the tier, None where neither is."""
        row = next(row for row in reversed(self.rows["companies"]) if row["company_id"] == account and self.holds(row))
        return float(row["value"]) if row.get("value") else {"1": 1.0, "2": 0.6, "3": 0.3}.get(row.get("tier"))

    def account_engagement(self, account):
        """``(score, {person: (role, weight, confidence, engagement)})`` of who holds a role in the account's own group."""
        template = self.template(account)
        total, held = sum(weight for weight, _, _ in template.values()), self.holders(account)
        best = {}
        for role, people in held.items():
            for person, sure in people.items():
                weight = template.get(role, (0.0,))[0] / total
                if person not in self.ours and (person not in best or weight * sure > best[person][1] * best[person][2]):
                    best[person] = (role, weight, sure, self.engagement(person)[2])
        return 1 - prod(1 - weight * sure * value for _, weight, sure, value in best.values()), best


def cell(fit, value, limits=(0.6, 0.3, 0.1)):
    """``A1`` to ``D4``."""
    letter = "ABCD"[sum(fit < limit for limit in (0.75, 0.5, 0.25))]
    return letter + "1234"[sum(value < limit for limit in limits)]
