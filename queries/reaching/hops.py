"""Paths as an answer: each hop with its evidence, from one read for all hops that are shown, and the sentence that a colleague would say."""

from asyncio import to_thread
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, NamedTuple

import numpy as np

from graph.answer import Id, answer
from graph.instants import OPEN_START, at_moment, moment
from graph.measures.network import TRIED, TieKind
from graph.measures.paths import DEFAULTS, FORMULA, Budget, Outlook, Path, Rules
from graph.measures.strength import CHANNEL_OF, COUNTED, GIVING, TAKING
from graph.measures.strength import DEFAULTS as STRENGTH
from graph.model import source_of
from graph.read import Reader, read
from graph.score import Component, Evidence, Score
from graph.sight import present
from graph.snapshot.ties import YEAR
from graph.view import View
from graph.words import chinese, counted, day, number, percent
from queries.reaching.carrying import PATIENCE, Carrying

RECENT = 5
"""So many things of a kind are shown of a hop."""
MOST_HOPS = 10_000
MOST_THERE = 1_000_000
CAME = {"held": ("held", "已引荐"), "accepted": ("accepted", "已接受"), "declined": ("declined", "已谢绝"), "no_show": ("nobody came", "未赴约")}
"""What came of an introduction, in English and Chinese."""
Pair = tuple[Id, Id]
Shared = tuple[str, str, str, int, int, int, int]
"""Key, origin, the company's name, and the bounds of both stays."""


@answer
class Hop:
    """One person gets the attention of the next."""

    from_id: Annotated[Id, "Who speaks."]
    to_id: Annotated[Id, "Who listens."]
    from_name: Annotated[str, "Their name."]
    to_name: Annotated[str, "Their name."]
    from_company: Annotated[str | None, "Where who speaks works; null for unknown."]
    to_company: Annotated[str | None, "Where who listens works; null for unknown."]
    kinds: Annotated[list[TieKind], "On what it rests, the strongest first."]
    strength: Annotated[float, "The chance that it works, 0 to 1."]
    tried: Annotated[int, "How many introductions were tried over it: made, declined or not turned up for. They move the chance."]
    worked: Annotated[int, "How many of these came about."]
    evidence: Annotated[list[Evidence], "What is recorded of it, the latest first."]


@answer
class InfluencePath:
    """A way from one person to another."""

    hops: Annotated[list[Hop], "From the one who begins to the one to be reached."]
    score: Annotated[Score, "The product of its hops' chances, times 0.8 for each hop after the first; a component a hop."]


@answer
class HopRows:
    """One row a pair: what is known of it, as ``hop_rows.cypher`` packs it."""

    who: Id
    whom: Id
    met: list[tuple[Id, str, int, str | None, str]]
    introduced: list[tuple[Id, str, int, str | None, str, bool]]
    heard: list[tuple[Id, int, str, float, str | None]]
    lines: list[tuple[Id, int, str, str, bool]]
    jobs: list[Shared]
    studies: list[Shared]


@read
async def hop_rows(
    pairs: Sequence[Pair],
    types: Sequence[str],
    statuses: Sequence[str],
    giving: Sequence[str],
    taking: Sequence[str],
    tried: Sequence[str],
    largest: int,
    recent: int,
    since: int,
    most: int,
) -> list[HopRows]:
    """What is known of these pairs."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Known:
    """What is recorded of one pair, by kind. ``asked``: who speaks is of ours, who listens is not."""

    rows: HopRows
    language: str
    asked: bool

    def evidence(self, kinds: Iterable[TieKind]) -> list[Evidence]:
        """Of these kinds, and of the introductions that were tried, the latest first."""
        made = {one.id: one for one in (*(one for kind in kinds for one in self._of(kind)), *self._introduced())}
        return sorted(made.values(), key=lambda one: (one.at is not None, one.at), reverse=True)

    def _introduced(self) -> Iterator[Evidence]:
        for id_, status, at, label, origin, gave in self.rows.introduced:
            if gave is not self.asked:
                came = CAME[status][chinese(self.language)]
                yield Evidence(id_, "introduction", at_moment(at), f"{came}: {label}" if label else came, source_of(origin))

    def _of(self, kind: TieKind) -> Iterator[Evidence]:
        zh, rows = chinese(self.language), self.rows
        if kind is TieKind.INTERACTION:
            for id_, type_, at, label, origin in rows.met:
                yield Evidence(id_, type_, at_moment(at), label or type_.replace("_", " "), source_of(origin))
        elif kind is TieKind.ADVISES:
            for key, start, origin, value, topic in rows.heard:
                about = f"（{topic}）" if zh and topic else f" about {topic}" if topic else ""
                yield Evidence(key, "influence", moment(start), f"{'影响力' if zh else 'is heard'} {number(value)}{about}", source_of(origin))
        elif kind is TieKind.REPORTING:
            for key, start, origin, line, up in rows.lines:
                to = ("上级" if up else "下属") if zh else "reports to them" if up else "is their manager"
                yield Evidence(key, "reporting", moment(start), f"{to} ({line.lower()})", source_of(origin))
        else:
            for key, origin, name, start, until in (*self.together(rows.jobs), *self.together(rows.studies)):
                end = moment(until)
                when = f"{at_moment(start).year}-{end.year if end else ''}"
                label = f"曾同在{name}（{when}）" if zh else f"both at {name}, {when}"
                yield Evidence(key, "employment", at_moment(start), label, source_of(origin))

    @staticmethod
    def together(stays: Sequence[Shared]) -> Iterator[tuple[Id, str, str, int, int]]:
        """The stays of which it is known that they overlapped for a year or more."""
        for key, origin, name, *bounds in stays:
            start, until = max(bounds[0], bounds[2]), min(bounds[1], bounds[3])
            if min(bounds[0], bounds[2]) > OPEN_START and until - start >= YEAR:
                yield Id(key), origin, name, start, until

    def grounds(self) -> Iterator[tuple[int, str]]:
        """Start and origin of the facts on which it rests."""
        for _, start, origin, *_ in (*self.rows.heard, *self.rows.lines):
            yield start, origin

    @property
    def last_at(self) -> datetime | None:
        """When they were last in touch."""
        return at_moment(self.rows.met[0][2]) if self.rows.met else None

    def words(self, kind: TieKind) -> str:
        """How a hop of this kind is called, seen from who speaks."""
        up = any(row[-1] for row in self.rows.lines)
        english, zh = {
            TieKind.INTERACTION: ("in touch", "有往来"),
            TieKind.ADVISES: ("listens to them", "听其意见"),
            TieKind.REPORTING: ("their manager", "其上级") if up else ("reports to them", "其下属"),
            TieKind.CO_AFFILIATION: ("was with them before", "曾共事"),
        }[kind]
        return zh if chinese(self.language) else english


class Telling:
    """Tells paths of a market: what is known of their hops is read once for all."""

    def __init__(self, carrying: Carrying, rules: Rules, known: dict[Pair, Known]) -> None:
        self.carrying, self.rules, self.known = carrying, rules, known
        self.language = carrying.view.language

    @classmethod
    async def of(cls, store: Reader, carrying: Carrying, rules: Rules, paths: Sequence[Path]) -> "Telling":
        """With what is known of every hop of these paths."""
        net, ours, language = carrying.network, carrying.snapshot.ours, carrying.view.language
        edges = sorted({edge for path in paths for edge in path.edges})
        asked = {(carrying.id(who), carrying.id(whom)): bool(ours[who] and not ours[whom]) for who, whom in net.ends(edges)}
        rows = await _rows(store, carrying.view, sorted(asked))
        return cls(carrying, rules, {pair: Known(row, language, asked[pair]) for pair, row in rows.items()})

    def told(self, path: Path) -> InfluencePath:
        """One path, with its sentence."""
        hops = [self._hop(edge) for edge in path.edges]
        zh = chinese(self.language)
        parts = [Component(f"HOP_{at}", f"{hop.from_name} → {hop.to_name}", hop.strength, None, None, hop.evidence) for at, hop in enumerate(hops, 1)]
        if len(hops) > 1:
            parts.append(Component("DISTANCE", "距离折减" if zh else "distance", DEFAULTS.hop_decay ** (len(hops) - 1), None, None, []))
        count = len({one.id for hop in hops for one in hop.evidence})
        return InfluencePath(hops, FORMULA.score(path.chance, self._why(path, hops), count=count, components=parts))

    def grounds(self) -> Iterator[tuple[int, str]]:
        """Start and origin of the facts on which the paths rest."""
        return (ground for known in self.known.values() for ground in known.grounds())

    def _hop(self, edge: int) -> Hop:
        net, carrying = self.carrying.network, self.carrying
        who, whom = int(net.tail[edge]), int(net.head[edge])
        kinds = net.kinds(edge, self.rules.kinds)
        known = self.known.get((carrying.id(who), carrying.id(whom)))
        chance = float(self.rules.chance(net, np.array([edge]))[0])
        counts = int(net.tried[edge]), int(net.worked[edge])
        names = carrying.name(who), carrying.name(whom), carrying.works_at(who), carrying.works_at(whom)
        return Hop(carrying.id(who), carrying.id(whom), *names, kinds, chance, *counts, known.evidence(kinds) if known else [])

    def _why(self, path: Path, hops: Sequence[Hop]) -> str:
        zh = chinese(self.language)
        steps = []
        for hop in hops:
            known = self.known.get((hop.from_id, hop.to_id))
            said = known.words(hop.kinds[0]) if known and hop.kinds else ""
            last = known.last_at if known and TieKind.INTERACTION in hop.kinds else None
            when = (f"，最近{day(last.date(), self.language)}" if zh else f", last on {day(last.date(), self.language)}") if last else ""
            came = (
                (f"，{hop.tried}次引荐中成{hop.worked}次" if zh else f", {hop.worked} of {counted(hop.tried, 'introduction')} made")
                if hop.tried
                else ""
            )
            told = f"{number(hop.strength)}{when}{came}"
            steps.append(f"{hop.to_name}（{said} {told}）" if zh else f"{hop.to_name} ({said}, {told})")
        way = " → ".join([hops[0].from_name, *steps])
        if len(hops) == 1:
            return f"{way}：{percent(path.chance)}。" if zh else f"{way}: {percent(path.chance)}."
        return f"{way}：计入距离折减为{percent(path.chance)}。" if zh else f"{way}: {percent(path.chance)} with the discount for distance."


class Best(NamedTuple):
    """Of some people, the best way from ours to each to whom there is one; not ``whole`` where time ran out before all were looked for."""

    ways: dict[str, InfluencePath]
    whole: bool


async def best_ways(store: Reader, carrying: Carrying, people: Sequence[str]) -> Best:
    """Of these people, the best way from ours to each to whom there is one: one pass back for each, with its own time, and one read for all hops."""
    begun, whole = carrying.beginning(), Budget(replace(DEFAULTS, seconds=PATIENCE))
    outlook = Outlook(carrying.network, carrying.rules(begun), begun.sources)

    def found() -> tuple[dict[str, Path], bool]:
        made, late = dict[str, Path](), False
        for person in people:
            budget = Budget(within=whole)
            if (place := carrying.place(person)) >= 0 and (best := outlook.corridor(place, budget).best(1, budget)):
                made[person] = best[0]
            late |= budget.spent
        return made, not late

    paths, all_ = await to_thread(found)
    telling = await Telling.of(store, carrying, outlook.rules, list(paths.values()))
    return Best({person: telling.told(path) for person, path in paths.items()}, all_)


async def _rows(store: Reader, view: View, pairs: Sequence[Pair]) -> dict[Pair, HopRows]:
    if not pairs:
        return {}
    whole = view.scope is None
    found = await hop_rows(
        store,
        view,
        pairs,
        types=sorted(CHANNEL_OF),
        statuses=sorted(COUNTED),
        giving=sorted(GIVING),
        taking=sorted(TAKING),
        tried=sorted(TRIED),
        largest=STRENGTH.largest if whole else MOST_THERE,
        recent=RECENT if whole else MOST_HOPS,
        since=OPEN_START,
        most=MOST_HOPS,
    )
    if whole:
        return {(row.who, row.whom): row for row in found}
    there = await present(store, view, {event[0] for row in found for event in row.met} | {event[0] for row in found for event in row.introduced})
    return {(row.who, row.whom): _latest(row, there) for row in found}


def _latest(row: HopRows, there: Mapping[str, int]) -> HopRows:
    """The latest of each kind; of what happened that at which whoever may be seen of those who took part are few enough."""
    met = [event for event in row.met if 0 < there.get(event[0], 0) <= STRENGTH.largest][:RECENT]
    introduced = [event for event in row.introduced if event[0] in there][:RECENT]
    return HopRows(row.who, row.whom, met, introduced, row.heard[:RECENT], row.lines[:RECENT], row.jobs[:RECENT], row.studies[:RECENT])
