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
    "download": (2, "download", ("campaign",)),
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


class SlowScores(Slow):
    """A market's files and what people did."""

    def did(self, person):
        """``[Done]`` of a person up to the instant."""
        kinds = {row["company_id"]: (row.get("kinds") or "account").split(";") for row in self.rows["companies"]}
        campaigns = {row["campaign_id"]: row for row in self.rows.get("campaigns", [])}
        products = {row["product_id"]: row for row in self.rows.get("products", [])}
        took = {event.id: {part for who, part, _ in event.took if who == person} for event in self.events}
        found = []
        for row in self.rows["interactions"]:
            parts = took.get(row["interaction_id"])
            if not parts or instant(row["at"]) > self.at:
                continue
            campaign, product = row.get("campaign_id") or None, row.get("product_id") or None
            hosts = [kinds[one] for one in (campaigns.get(campaign, {}).get("organiser_ids") or "").split(";") if one]
            seller = kinds[products[product]["company_id"]] if product in products else []
            rival = (any("competitor" in one for one in hosts) and not any("us" in one for one in hosts)) if hosts else "competitor" in seller
            minutes = float(row["minutes"]) if row.get("minutes") else None
            status, noise, topic = row.get("status") or "held", row.get("noise") or None, row.get("topic") or None
            at = instant(row["at"])
            found.append(Done(row["interaction_id"], row["type"], at, status, noise, rival, parts, minutes, campaign, product, topic))
        return found

    def engagement(self, person, rules=STANDARD):
        """``(rows, points left, score)``."""
        rows = earning(self.did(person), rules)
        now = left(rows, self.at)
        return rows, now, 1 - exp(-now / 10)

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
