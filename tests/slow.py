"""The method taken row by row in plain Python, over files as they were loaded: slow, obvious, and nothing of the product in it."""

import csv
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from io import StringIO
from itertools import pairwise, product
from math import exp, log2, prod
from pathlib import Path

import networkx as nx

DAY = timedelta(days=1)
WAYS = {  # weight, half-life in days, both ways, shared in a circle, once (method.md 5.1)
    "meeting": (5, 180, True, True, False),
    "call": (3, 120, True, False, False),
    "message": (1, 90, False, False, False),
    "attendance": (1, 90, True, False, False),
    "introduction": (4, 180, False, False, False),
    "social": (0.5, 365, True, False, True),
}
GIVES, TAKES = ("SENDER", "GIVER"), ("RECIPIENT", "RECEIVER")
DEFAULT = {  # role: weight, panel, members (method.md 5.3)
    "DECISION_MAKER": (0.25, False, 1),
    "ECONOMIC_BUYER": (0.20, False, 1),
    "END_USER": (0.15, False, 1),
    "TECHNICAL_EVALUATOR": (0.15, True, 1),
    "PROCUREMENT": (0.10, False, 1),
    "IMPLEMENTER": (0.10, False, 1),
    "CHAMPION": (0.05, False, 1),
}
STANCES = {"ENEMY": -2, "NON_SUPPORTER": -1, "NEUTRAL": 0, "SUPPORTER": 1, "MENTOR": 2}
MAPPED, SURE, REACHED, DEEP = 0.3, 0.8, 0.35, 0.65
BEST_FIRST = ["DEEP", "COVERED", "STALE", "SHALLOW", "ONE_WAY", "NEVER", "DO_NOT_CONTACT", "OPPOSED"]


@dataclass
class Event:
    """One interaction with all who took part."""

    id: str
    type: str
    at: datetime
    status: str = "held"
    noise: str | None = None
    direction: str | None = None
    took: list = field(default_factory=list)  # (person, part, confidence)


def exchanged(event, person, ours, former):
    """``[(direction, channel, confidence, weight, half-life)]`` between us and a person by one event; out is from us."""
    channel = "meeting" if event.type == "visit" else event.type
    everybody = {who for who, _, _ in event.took}
    if channel not in WAYS or event.noise or event.status not in ("held", "accepted", "open") or person not in everybody or person in ours:
        return []
    us, named = everybody & ours, bool(everybody & ours)
    if not named and (not event.direction or everybody & former):
        return []
    weight, life, both, shared, _ = WAYS[channel]
    gives, takes = ({who for who, part, _ in event.took if part in which} for which in (GIVES, TAKES))
    if both:
        ways = ["out", "in"]
    elif named:
        ways = ["out"] * bool(gives & us and person in takes) + ["in"] * bool(person in gives and takes & us)
    else:
        out = event.direction == "out" and (person in takes or person not in gives)
        in_ = event.direction == "in" and (person in gives or person not in takes)
        ways = ["out"] * out + ["in"] * in_
        takes = takes if named or event.direction == "in" else everybody - gives | takes
    if len(everybody if both else takes) + (not named and (both or event.direction == "in")) > 50:
        return []
    others = len(everybody - us) - 1
    share = 1 / max(1, log2(others)) if shared and others else 1
    sure_us = max((sure for who, _, sure in event.took if who in us), default=1.0)
    sure = min(sure_us, max(sure for who, _, sure in event.took if who == person))
    return [(way, channel, sure, weight * share, life) for way in ways]


def sums(events, person, at, ours, former):
    """``{(direction, channel): x}`` at an instant, the events that count within the caps, and all that touch."""
    days, seen = defaultdict(list), set()
    for event in events:
        if event.id in seen or event.at > at:
            continue
        seen.add(event.id)
        for way, channel, sure, weight, life in exchanged(event, person, ours, former):
            when = None if WAYS[channel][4] else event.at.date()
            days[way, channel, when].append((sure, event.at, event.id, weight * sure * 0.5 ** ((at - event.at) / DAY / life)))
    x, counted, touching = defaultdict(float), set(), set()
    for (way, channel, when), rows in days.items():
        once = max(rows, key=lambda row: (row[3], -row[1].timestamp(), row[2]))
        best = [once] if when is None else sorted(rows, key=lambda row: (-row[0], row[1], row[2]))[:3]
        x[way, channel] += sum(row[3] for row in best)
        counted |= {row[2] for row in best}
        touching |= {row[2] for row in rows}
    return x, counted, touching


def closeness(events, person, at, ours, former, more=0.0):
    """c of method.md 5.3 at an instant; ``more`` is added both ways."""
    x, *_ = sums(events, person, at, ours, former)
    out, in_ = (sum(value for (way, _), value in x.items() if way == which) + more for which in ("out", "in"))
    return 1 - exp(-(min(out, in_) + 0.25 * min(abs(out - in_), 3)) / 5)


def instant(text):
    """A date or date-time in UTC; a month or year is its first instant."""
    text = text.strip()
    text = f"{text}-01-01" if len(text) == 4 else f"{text}-01" if len(text) == 7 else text
    made = datetime.fromisoformat(text)
    return made if made.tzinfo else made.replace(tzinfo=UTC)


class Slow:
    """A market's files at an instant, and what the method makes of them."""

    def __init__(self, files, at):
        """``files`` maps a kind to its CSV text."""
        self.at = instant(at) if isinstance(at, str) else at
        self.rows = {kind: list(csv.DictReader(StringIO(text))) for kind, text in files.items()}
        self.names = {row["person_id"]: row["name"] for row in self.rows.get("people", [])}
        kinds = {row["company_id"]: (row.get("kinds") or "account").split(";") for row in self.rows["companies"]}
        jobs = [(row["person_id"], row["company_id"], row) for row in self.rows.get("employments", [])]
        jobs += [(row["person_id"], row["company_id"], {}) for row in self.rows.get("people", []) if row.get("company_id")]
        self.jobs = {(person, company) for person, company, row in jobs if self.holds(row)}
        self.ours = {person for person, company in self.jobs if "us" in kinds[company]}
        self.former = {person for person, company, row in jobs if "us" in kinds[company] and self.began(row)} - self.ours
        self._served = [(person, row) for person, company, row in jobs if "us" in kinds[company] and self.began(row)]
        self.rivals = {person for person, company in self.jobs if "competitor" in kinds[company]}
        self.events = self._events()

    @classmethod
    def of(cls, folder: Path, at):
        """The files of a folder."""
        return cls({path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.csv")}, at)

    def began(self, row):
        """Whether it had begun by then."""
        return not row.get("valid_from") or instant(row["valid_from"]) <= self.at

    def holds(self, row):
        """Whether a row's stretch holds then."""
        return self.began(row) and (not row.get("valid_to") or self.at < instant(row["valid_to"]))

    def was_ours(self, person, at):
        """Whether somebody was one of us at an instant."""
        stretches = [(row.get("valid_from"), row.get("valid_to")) for who, row in self._served if who == person]
        return any((not start or instant(start) <= at) and (not end or at < instant(end)) for start, end in stretches)

    def _events(self):
        made = {}
        for row in self.rows.get("interactions", []):
            one = Event(row["interaction_id"], row["type"], instant(row["at"]), row.get("status") or "held")
            one.noise, one.direction = row.get("noise") or None, row.get("direction") or None
            sure = float(row.get("confidence") or 1)
            one.took = [(row["from_id"], "SENDER", sure)] if row.get("from_id") else []
            one.took += [(to, "RECIPIENT", sure) for to in (row.get("to_ids") or "").split(";") if to]
            made[one.id] = one
        for row in self.rows.get("participants", []):
            made[row["interaction_id"]].took.append((row["person_id"], row.get("part") or "ATTENDEE", float(row.get("confidence") or 1)))
        return sorted((one for one in made.values() if one.at <= self.at), key=lambda one: one.id)

    def group_of(self, row):
        """The group that a row of roles or members is about."""
        if row.get("opportunity_id"):
            deal = next(one for one in self.rows["opportunities"] if one["opportunity_id"] == row["opportunity_id"])
            return deal.get("group_id") or deal["opportunity_id"]
        return row.get("group_id") or row["company_id"]

    def holders(self, account, group=None):
        """``{role: {person: confidence}}``, with what the group inherits from the account's own."""
        held = defaultdict(lambda: defaultdict(dict))
        for row in self.rows.get("roles", []):
            if self.holds(row):
                cell = held[self.group_of(row)][row["role"]]
                cell[row["person_id"]] = max(float(row.get("role_confidence") or 1), cell.get(row["person_id"], 0))
        own = held[group or account]
        mapped = {role for role, people in own.items() if max(people.values()) >= MAPPED}
        inherited = {} if group in (None, account) else {role: people for role, people in held[account].items() if role not in mapped}
        return {role: {**inherited.get(role, {}), **own.get(role, {})} for role in {*own, *inherited}}

    def stances(self, account, group=None):
        """``{person: stance}`` in the group."""
        rows = [row for row in self.rows.get("members", []) if self.holds(row) and self.group_of(row) == (group or account) and row.get("stance")]
        return {row["person_id"]: STANCES[row["stance"]] if row["stance"] in STANCES else int(row["stance"]) for row in rows}

    def opted_out(self, person):
        """They may not be contacted."""
        row = next((row for row in self.rows.get("people", []) if row["person_id"] == person), {})
        until = row.get("consent_until")
        return (row.get("do_not_contact") or "").lower() in ("true", "yes", "1") or bool(until and instant(until) <= self.at)

    def template(self, account, group=None):
        """``{role: (weight, panel, members)}``: the group's, else the first fitting segment's, else the default one."""
        named = [row.get("template_id") for row in self.rows.get("groups", []) if row["group_id"] == group]
        company = next(row for row in reversed(self.rows["companies"]) if row["company_id"] == account and self.holds(row))
        for row in self.rows.get("segments", []):
            terms = [term.split("=") for term in row["filter"].split(";")]
            if row.get("template_id") and all((company.get(name) or "").lower() in values.lower().split(",") for name, values in terms):
                named.append(row["template_id"])
        known = {row["template_id"] for row in self.rows.get("templates", [])}
        for one in named:
            if one in known:
                return {
                    row["role"]: (float(row["weight"]), (row.get("semantics") or "any") == "all", int(row.get("min_members") or 1))
                    for row in self.rows["templates"]
                    if row["template_id"] == one
                }
        return DEFAULT

    def close(self, person, at=None, more=0.0, without=frozenset()):
        """c at an instant (default: now), after ``more`` both ways, without some of ours."""
        return closeness(self.events, person, at or self.at, self.ours - without, self.former | without, more)

    def state(self, person, stance, without=frozenset()):
        """The first state that holds."""
        ours, former = self.ours - without, self.former | without
        x, _, touching = sums(self.events, person, self.at, ours, former)
        moments = {event.at for event in self.events if event.id in touching}
        now = self.close(person, without=without)
        if self.opted_out(person):
            return "DO_NOT_CONTACT"
        if stance is not None and stance < 0:
            return "OPPOSED"
        if not touching:
            return "NEVER"
        if not any(value for (way, _), value in x.items() if way == "in"):
            return "ONE_WAY"
        if now >= REACHED:
            return "DEEP" if now >= DEEP else "COVERED"
        return "STALE" if max(self.close(person, moment, without=without) for moment in moments) >= REACHED else "SHALLOW"

    def coverage(self, account, group=None, definition="ENGAGED", met=frozenset(), without=frozenset(), gone=frozenset(), later=None):
        """All that an answer says; ``met`` are met once more, ``without`` gone from us, ``gone`` from them, ``later`` is an instant without news."""
        template, held, stances = self.template(account, group), self.holders(account, group), self.stances(account, group)
        at = later or self.at
        close, kind = {}, {}
        for person in {person for people in held.values() for person in people} - gone:
            stance = stances.get(person)
            close[person] = 0.0 if self.opted_out(person) else self.close(person, at, 5.0 if person in met else 0.0, without)
            kind[person] = 1.0 if definition != "SUPPORTIVE" else 0.5 if stance is None else (stance + 2) / 4
        touched = {person for person in close if sums(self.events, person, at, self.ours - without, self.former | without)[2]}
        total = sum(weight for weight, _, _ in template.values())
        roles, value, low, high, known = {}, 0.0, 0.0, 0.0, 0.0
        for role in [*template, *sorted(set(held) - set(template))]:
            weight, panel, members = template.get(role) or (0.0, *DEFAULT.get(role, (0.0, False, 1))[1:])
            people = {person: m for person, m in held.get(role, {}).items() if person not in gone}
            mapped = {person: m for person, m in people.items() if m >= MAPPED}
            if not mapped:
                roles[role] = {"weight": weight / total, "value": None, "state": "UNMAPPED", "holders": []}
                continue
            readings = []
            for read in (lambda m: m, lambda m: m if m >= SURE else 0.0, lambda m: 1.0 if m >= MAPPED else m):
                if definition == "FILLED":
                    readings.append(min(1, len([m for m in mapped.values() if read(m) >= MAPPED]) / members))
                elif definition == "CONTACTED":
                    met_one = any(read(m) >= MAPPED and person in touched and not self.opted_out(person) for person, m in mapped.items())
                    readings.append(float(met_one))
                elif panel:
                    whole = sum(read(m) for m in mapped.values())
                    readings.append(sum(read(m) * close[person] * kind[person] for person, m in mapped.items()) / whole if whole else 0.0)
                else:
                    readings.append(1 - prod(1 - read(m) * close[person] * kind[person] for person, m in people.items()))
            states = {person: self.state(person, stances.get(person), without) for person in mapped}
            best = min((state for state in states.values() if state != "OPPOSED"), key=BEST_FIRST.index, default="OPPOSED")
            if "OPPOSED" in states.values() and best not in ("DEEP", "COVERED"):
                best = "OPPOSED"
            order = sorted(mapped, key=lambda person: (BEST_FIRST.index(states[person]), -close[person], person))
            roles[role] = {
                "weight": weight / total,
                "value": readings[0],
                "low": min(readings),
                "high": max(readings),
                "state": best,
                "holders": order,
            }
            known += weight / total
            value += weight / total * readings[0]
            low += weight / total * min(readings)
            high += weight / total * max(readings)
        return {
            "value": value if known else None,
            "low": low if known else None,
            "high": high if known else None,
            "known": known,
            "optimistic": value / known if known else None,
            "roles": roles,
        }

    def worth(self, account):
        """What is said, else by its tier."""
        row = next(row for row in reversed(self.rows["companies"]) if row["company_id"] == account and self.holds(row))
        return float(row["value"]) if row.get("value") else {"1": 1.0, "2": 0.6, "3": 0.3}.get(row.get("tier"), 0.3)

    def urgency(self, account):
        """By the first open deal that was opened by then, and the latest news about it or who works there."""
        deals = [row for row in self.rows.get("opportunities", []) if row["company_id"] == account and (row.get("outcome") or "open") == "open"]
        deals = [row for row in deals if not row.get("opened_on") or instant(row["opened_on"]) <= self.at]
        days = [max((instant(row["close_on"]) - self.at) / DAY, 0) for row in deals if row.get("close_on")]
        staff = {person for person, company in self.jobs if company == account}
        news = [
            row
            for row in self.rows.get("events", [])
            if account in row.get("company_ids", "").split(";") or staff & set(row.get("person_ids", "").split(";"))
        ]
        ages = [age for row in news if 0 <= (age := (self.at - instant(row["at"])) / DAY) <= 365]
        return min(1, 0.5 + (0.5 * 0.5 ** (min(days) / 60) if days else 0) + (0.25 * 0.5 ** (min(ages) / 30) if ages else 0))

    def tie(self, person, colleague):
        """How strong the relationship of two is."""
        together = [event for event in self.events if colleague in {who for who, _, _ in event.took}]
        return closeness(together, person, self.at, {colleague}, set())

    earlier = ()
    """Pairs of people who were together for a year or more, and are not now: told by whoever knows the files."""

    @cached_property
    def edges(self):
        """``{(who, whom): {kind: chance}}``: who is heard by whom (method.md 5.5)."""
        chances = defaultdict(dict)
        for one, other in product(self.names, repeat=2):
            if one != other and (tie := self.tie(one, other)):
                chances[one, other]["INTERACTION"] = 0.8 * tie
        for row in self.rows.get("influence", []):
            if row["kind"] == "ADVISES":
                said = {"strong": 0.7, "medium": 0.4, "weak": 0.2}
                heard = float(said.get(row["strength"], row["strength"])) * float(row.get("confidence") or 1)
                chances[row["from_id"], row["to_id"]]["ADVISES"] = heard
        for row in self.rows.get("reporting", []):
            chances[row["manager_id"], row["person_id"]]["REPORTING"], chances[row["person_id"], row["manager_id"]]["REPORTING"] = 0.6, 0.4
        for one, other in self.earlier:
            chances[one, other]["CO_AFFILIATION"] = chances[other, one]["CO_AFFILIATION"] = 0.15
        return {ends: kinds for ends, kinds in chances.items() if 1 - prod(1 - p for p in kinds.values()) >= 0.01}

    @cached_property
    def tries(self):
        """``{(who, whom): [whether each introduction that was decided came about]}``; of one that we received we had asked the giver."""
        found = defaultdict(list)
        for event in self.events:
            givers, takers = ({who for who, part, _ in event.took if part in which} for which in (GIVES, TAKES))
            for giver, taker in product(givers, takers):
                if (
                    event.type == "introduction"
                    and event.status in ("held", "accepted", "declined", "no_show")
                    and not event.noise
                    and giver != taker
                ):
                    ends = (taker, giver) if taker in self.ours and giver not in self.ours else (giver, taker)
                    found[ends].append(event.status in ("held", "accepted"))
        return found

    @property
    def tired(self):
        """Who owes three introductions or more."""
        owed = [{who for who, part, _ in one.took if part in GIVES} for one in self.events if one.type == "introduction" and one.status == "open"]
        return {who for some in owed for who in some if sum(who in others for others in owed) >= 3}

    def chance(self, ends, kinds=None):
        """How likely a word goes from one to the other: the kinds as independent chances, shrunk by introductions; 0 for no edge."""
        prior = min(1 - prod(1 - p for kind, p in self.edges.get(ends, {}).items() if kinds is None or kind in kinds), 0.95)
        tried = self.tries.get(ends, [])
        likely = (sum(tried) + 10 * prior) / (len(tried) + 10)
        return likely if prior and likely >= 0.01 else 0.0

    def ways(self, begin, target, shut, hops=3, floor=0.02, kinds=None):
        """``{people on a way: its chance}``: every one over the floor, past nobody who is shut."""
        drawn, found = nx.DiGraph(), {}
        for ends in self.edges:
            if likely := self.chance(ends, kinds):
                drawn.add_edge(*ends, chance=likely)
        for who in begin:
            for way in nx.all_simple_paths(drawn, who, target, cutoff=hops) if who in drawn and target in drawn else ():
                chance = prod(drawn.edges[ends]["chance"] for ends in pairwise(way)) * 0.8 ** (len(way) - 2)
                if chance >= floor and not set(way[:-1]) & set(shut) and not set(way[1:]) & set(begin):
                    found[tuple(way)] = chance
        return found

    def reach(self, person):
        """The chance of the best way from ours, 0 for none."""
        out = {who for who in self.names if self.opted_out(who) and who not in self.ours}
        return 0.0 if person in out else max(self.ways(self.ours, person, out | self.rivals | self.tired).values(), default=0.0)

    def gaps(self, account):
        """``{role: (type, priority, expected gain, whom to meet)}`` of the account's own group."""
        found, worth, urgent, stances = self.coverage(account), self.worth(account), self.urgency(account), self.stances(account)
        gaps = {}
        for role, one in found["roles"].items():
            if not one["weight"]:
                continue
            states = {who: self.state(who, stances.get(who)) for who in one["holders"]}
            firm = [who for who, state in states.items() if state in ("DEEP", "COVERED")]
            ours = {colleague for who in firm for colleague in self.ours if self.tie(who, colleague) >= REACHED}
            if one["state"] in ("DEEP", "COVERED"):
                single = len(firm) == 1 or len(ours) == 1
                type_ = "OPPOSED" if "OPPOSED" in states.values() else "SINGLE_THREADED" if single else None
            else:
                type_ = "UNMAPPED" if one["state"] == "DO_NOT_CONTACT" else one["state"]
            if type_ is None:
                continue
            value, force = one["value"] or 0.0, worth * one["weight"]
            gains = {}
            for who, state in states.items():
                if state != "DO_NOT_CONTACT" and (type_ != "OPPOSED" or state == "OPPOSED"):
                    after = self.coverage(account, met=frozenset({who}))["roles"][role]["value"]
                    chance = max([0.05, self.reach(who), *(self.tie(who, colleague) for colleague in self.ours)])
                    gains[who] = force * (after - value) * chance
            meet = max(gains, key=lambda who: (gains[who], who), default=None)
            gain = gains[meet] if meet else force * (1 - exp(-1)) * 0.05
            reach = max([0.05, *(self.reach(who) for who, state in states.items() if state != "DO_NOT_CONTACT")])
            gaps[role] = (type_, force * (1 - value) * reach * urgent, gain, meet)
        return gaps
