"""Who can get us, or others, to a person: the best different ways, how well they reach, on whom all hang, and why there is none."""

from asyncio import to_thread
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, NamedTuple

from graph.answer import Id, Linked, answer
from graph.errors import DottedlineError, InvalidInput
from graph.measures.network import TieKind
from graph.measures.paths import DEFAULTS, Barrier, Budget, Layer, Outlook, ReachBand, Removed, Rules, Ways, band, removed, ways
from graph.question import Anchor, costing, question
from graph.read import Reader
from graph.view import View, ViewUsed
from graph.words import chinese, listed, number, percent
from queries.reaching.carrying import MOST_ASKS, PATIENCE, Beginning, Carrying, kinds_mask
from queries.reaching.hops import InfluencePath, Telling

MOST_PATHS = 20
MANY = 8
"""From so many people on one pass from those who begin costs less than one back from each."""
KIND_WORDS = {
    TieKind.INTERACTION: ("contact", "往来"),
    TieKind.ADVISES: ("advice", "意见"),
    TieKind.REPORTING: ("reporting lines", "汇报线"),
    TieKind.CO_AFFILIATION: ("earlier years together", "共事经历"),
}


@answer
class Gatekeeper:
    """Somebody through whom every way leads."""

    person_id: Annotated[Id, "Who."]
    name: Annotated[str, "Their name."]


@answer
class InfluencePaths:
    """The ways to a person, the likeliest first."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    person: Annotated[Linked | None, Anchor.PERSON, "Who is to be reached."]
    paths: Annotated[list[InfluencePath], "Different ways: whom two of them share counts against the second."]
    reach: Annotated[ReachBand, "How well the person is reached by ways that share nobody: HIGH from 0.5, MEDIUM from 0.2, LOW above 0."]
    gatekeepers: Annotated[list[Gatekeeper], "Who is on every way over the floor, in the order of the best one; none are told where truncated."]
    why_not: Annotated[str | None, "What removed the best way where there is none: a filter, the floor, a missing edge, somebody who opted out."]
    truncated: Annotated[bool, "Time or steps ran out: there may be better ways, or a better reason why there is none."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@costing(15)
@question(Anchor.PERSON)
async def influence_paths(
    store: Reader,
    view: View,
    people: Sequence[str],
    *,
    from_: Annotated[Id | None, "Who begins: a person, or a company for all its people, by any id or alias; default: all of ours."] = None,
    k: Annotated[int, f"At most so many ways, 1 to {MOST_PATHS}."] = DEFAULTS.k,
    max_hops: Annotated[int, f"At most so many hops, 1 to {DEFAULTS.hard_max_hops}."] = DEFAULTS.max_hops,
    min_strength: Annotated[float, "Every hop has at least this chance, 0 to 1."] = 0.0,
    avoid: Annotated[list[Id] | None, "Past none of these people, or people of these companies, by any id or alias."] = None,
    kinds: Annotated[list[TieKind] | None, "Over hops of these kinds alone; default: all. That one opposes another carries nothing."] = None,
) -> Mapping[str, InfluencePaths | DottedlineError]:
    """The best ways to a person, and what they rest on. Nobody who opted out, works for a competitor or owes three introductions is on them."""
    if not 1 <= k <= MOST_PATHS:
        raise InvalidInput(f"k lies between 1 and {MOST_PATHS}.", argument="k")
    if not 1 <= max_hops <= DEFAULTS.hard_max_hops:
        raise InvalidInput(f"maxHops lies between 1 and {DEFAULTS.hard_max_hops}.", argument="maxHops")
    if not 0 <= min_strength <= 1:
        raise InvalidInput("minStrength lies between 0 and 1, such as 0.3.", argument="minStrength")
    if kinds is not None and not kinds:
        raise InvalidInput("kinds is empty, so that nothing can carry. Leave it out for all kinds.", argument="kinds")
    carrying = await Carrying.at(store, view)
    begun = await carrying.begun_by(store, from_)
    if avoid:
        begun = begun.shutting(Barrier.AVOIDED, await carrying.those(store, avoid, "avoid"))
    rules = carrying.rules(begun, kinds=kinds_mask(kinds), least=min_strength, hops=max_hops)
    looked = await to_thread(_looked, carrying, begun, rules, people, k)
    telling = await Telling.of(store, carrying, rules, [path for one in looked.values() for path in one.ways.paths])
    asked = f"{from_ or ''}/{k}/{max_hops}/{min_strength:g}/{','.join(sorted(avoid or ()))}/{','.join(sorted(kinds or ()))}"
    return {person: _told(person, looked[person], telling, begun, asked) for person in people}


class _Looked(NamedTuple):
    """What was found of one person; ``place`` is -1 where the snapshot has nobody such, ``removed`` tells why there is no way."""

    place: int
    ways: Ways
    removed: Removed | None


def _looked(carrying: Carrying, begun: Beginning, rules: Rules, people: Sequence[str], k: int) -> dict[str, _Looked]:
    """What is found of each person: all within one patience, each within its own budget."""
    whole, made = Budget(replace(DEFAULTS, seconds=PATIENCE)), dict[int, _Looked]()
    places = {person: carrying.place(person) for person in people}
    targets = sorted({place for place in places.values() if place >= 0})
    outlook, early = Outlook(carrying.network, rules, begun.sources), Budget(within=whole)
    ahead = outlook.ahead(early) if len(targets) >= MANY else None
    for target in targets:
        made[target] = _one(carrying, begun, outlook, target, None if early.spent else ahead, k, Budget(within=whole))
    nothing = _Looked(-1, Ways([], 0.0, [], False), None)
    return {person: made.get(place, nothing) for person, place in places.items()}


def _one(carrying: Carrying, begun: Beginning, outlook: Outlook, target: int, ahead: Sequence[Layer] | None, k: int, budget: Budget) -> _Looked:
    with budget.share(DEFAULTS.looking):
        corridor = outlook.corridor(target, budget, ahead)
    found, why = ways(corridor, k, carrying.team, budget), None
    if not found.paths and not begun.sources[target]:
        why = removed(carrying.network, outlook.rules, begun.shut, begun.sources, target, budget)
    return _Looked(target, found._replace(truncated=budget.spent), why)


def _told(person: str, looked: _Looked, telling: Telling, begun: Beginning, asked: str) -> InfluencePaths:
    carrying, view, found = telling.carrying, telling.carrying.view, looked.ways
    paths = [telling.told(path) for path in found.paths]
    keepers = [Gatekeeper(carrying.id(place), carrying.name(place)) for place in found.gatekeepers]
    why_not = None if paths else _why_not(looked, telling, begun)
    why = why_not or _why(paths, found, keepers, view.language)
    key = Id(f"{person}<{asked}@{view.as_of}/{view.known_at}")
    whom = carrying.linked(looked.place) if looked.place >= 0 else Linked(Id(person), person)
    return InfluencePaths(key, view.used(telling.grounds()), whom, paths, band(found.reach), keepers, why_not, found.truncated, why)


def _why(paths: Sequence[InfluencePath], found: Ways, keepers: Sequence[Gatekeeper], language: str) -> str:
    """The best way; the best one past other people; on whom all hang."""
    zh = chinese(language)
    parts = [paths[0].score.why]
    others = [at for at, path in enumerate(found.paths[1:], 1) if not set(path.people[:-1]) & set(found.paths[0].people[:-1])]
    if others:
        other, chance = paths[others[0]], percent(found.paths[others[0]].chance)
        way = " → ".join(hop.from_name for hop in other.hops)
        parts.append(f"不经过他们也可：{way}（{chance}）。" if zh else f"Past others: {way} ({chance}).")
    if keepers:
        names = listed([one.name for one in keepers], language)
        parts.append(f"所有路径都经过{names}。" if zh else f"Every way leads through {names}.")
    return "".join(parts) if zh else " ".join(parts)


def _why_not(looked: _Looked, telling: Telling, begun: Beginning) -> str:
    """What removed the best way."""
    carrying, zh, language = telling.carrying, chinese(telling.language), telling.language
    if looked.place >= 0 and begun.sources[looked.place]:
        return "此人正是起点之一。" if zh else "They are among those who would begin the way."
    if not begun.sources.any():
        return "没有人可以作为起点。" if zh else "There is nobody who could begin: no person of that company, or of ours, is known."
    gone, rules = looked.removed, telling.rules
    if gone is None or (gone.path is None and Barrier.NO_EDGE in gone.barriers):
        return (
            f"没有已知的关系在{DEFAULTS.hard_max_hops}步之内通向此人。"
            if zh
            else f"No known tie leads to them within {DEFAULTS.hard_max_hops} hops: nobody is known who has their ear and can be asked."
        )
    if gone.path is None and Barrier.TIME in gone.barriers:
        return "搜索超时，未能找到路径或其原因。" if zh else "Time ran out before a way, or the reason why there is none, was found."
    people: dict[Barrier, list[str]] = {}
    for place, barrier in gone.who:
        people.setdefault(barrier, []).append(carrying.name(place))
    reasons = []
    for barrier in gone.barriers:
        who = listed(people.get(barrier, []), language)
        reasons.append(_reason(barrier, who, gone, telling, rules, zh))
    cause = "；".join(reasons) if zh else "; ".join(reasons)
    if gone.path is None:
        return f"{cause}。" if zh else f"{cause[0].upper()}{cause[1:]}."
    way, chance = " → ".join(carrying.name(place) for place in gone.path.people), percent(gone.path.chance)
    return f"最佳路径{way}（{chance}）不可行：{cause}。" if zh else f"The best way would be {way} ({chance}), but {cause}."


def _reason(barrier: Barrier, who: str, gone: Removed, telling: Telling, rules: Rules, zh: bool) -> str:
    net, carrying = telling.carrying.network, telling.carrying
    ends = ""
    if gone.weakest is not None:
        tail, head = int(net.tail[gone.weakest]), int(net.head[gone.weakest])
        ends = f"{carrying.name(tail)} → {carrying.name(head)}"
    if barrier is Barrier.KINDS and gone.weakest is not None:
        kinds = [KIND_WORDS[kind][zh] for kind in net.kinds(gone.weakest)]
        return f"{ends}仅凭{'、'.join(kinds)}" if zh else f"{ends} rests on {' and '.join(kinds)}, which was not asked for"
    if barrier is Barrier.FLOOR and gone.path is not None and gone.path.chance >= rules.floor:
        least = percent(rules.floor)
        return f"仅凭所问的关系，低于下限{least}" if zh else f"over the kinds asked for alone that is below the floor of {least}"
    words = {
        Barrier.OPTED_OUT: (f"{who} must not be contacted", f"{who}不可联系"),
        Barrier.COMPETITOR: (f"{who} works for the other side", f"{who}属于竞争方"),
        Barrier.OVER_ASKED: (f"{who} owes {MOST_ASKS} introductions already", f"{who}已有{MOST_ASKS}次引荐未完成"),
        Barrier.AVOIDED: (f"{who} is to be avoided", f"须避开{who}"),
        Barrier.LEAST: (f"{ends} is weaker than {number(rules.least)}", f"{ends}弱于{number(rules.least)}"),
        Barrier.HOPS: (f"it takes more than {rules.hops} hops", f"超过{rules.hops}步"),
        Barrier.TIME: ("time ran out before it was found", "搜索超时"),
        Barrier.FLOOR: (f"that is below the floor of {percent(rules.floor)}", f"低于下限{percent(rules.floor)}"),
    }
    return words[barrier][zh]
