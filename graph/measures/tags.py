"""Tags that people earn by what they do: an interest in a topic, a product, a format, and by which way they come (method.md 5.6). Pure.

A tag says what somebody cares about; it is never a role, and nothing that counts roles looks at tags.
"""

from collections import defaultdict
from collections.abc import Iterable
from math import exp, log2, prod
from typing import NamedTuple

from graph.measures.engagement import Deed
from graph.measures.strength import COUNTED, DAY
from graph.model import Part
from graph.scoring import DID, Object, Tags
from graph.worded import Worded


class TagKind(Worded):
    """What a tag is about: a topic, a product, a format such as webinar, or the way by which somebody comes, such as a web source."""

    TOPIC = "TOPIC", "What somebody cares about."
    PRODUCT = "PRODUCT", "A product."
    FORMAT = "FORMAT", "A form of what we offer, such as a webinar."
    SOURCE = "SOURCE", "The way by which somebody comes, such as a web source."


class Sign(NamedTuple):
    """A deed as a sign of an interest. ``id`` says which thing it is, where a word may name several, such as products."""

    kind: TagKind
    tag: str
    deed: Deed
    id: str | None = None

    @property
    def key(self) -> str:
        """What is one tag: the id, else the word however it is written."""
        return self.tag.casefold() if self.id is None else self.id


class Earned(NamedTuple):
    """A tag as it was spelled first, and its key among those of its kind.

    ``weight`` is what is left of its evidence, ``of`` on which independent things it rests, ``expires`` when too little will be left.

    ``signs`` are its deeds, the weightiest at the instant first. ``assigned`` is set where they are enough for a tag, else it is a hint.
    """

    kind: TagKind
    tag: str
    key: str
    weight: float
    confidence: float
    of: frozenset[str]
    first: int
    last: int
    expires: int
    assigned: bool
    signs: list[Deed]


def worth(deed: Deed, rules: Tags) -> float:
    """What a deed weighs as a sign when it happens; 0 where it is none. Long stays weigh more, and who held it does not matter."""
    took = {*deed.parts}.intersection(DID if deed.type not in rules.strong else (*DID, Part.RECIPIENT, Part.RECEIVER))
    if deed.noise or deed.status not in COUNTED or not took:
        return 0.0
    stays = 1.0 if deed.minutes is None else min(max(deed.minutes // rules.minutes, 1.0), rules.most)
    return rules.weights.get(deed.type, 0.0) * stays


def earned(signs: Iterable[Sign], as_of: int, rules: Tags) -> list[Earned]:
    """The tags and hints at an instant, the weightiest first. O(n log n).

    Of one campaign, or of an interaction outside any, the weightiest sign counts: a sign-up and its check-in are one thing. A tag is assigned by one
    strong sign, or by so many independent things; it is gone once less than ``least`` is left.
    """
    by_tag: dict[tuple[TagKind, str], dict[str, dict[str, tuple[float, Deed]]]] = defaultdict(lambda: defaultdict(dict))
    first: dict[tuple[TagKind, str], tuple[int, str, str]] = {}
    for sign in signs:
        deed, of = sign.deed, (sign.kind, sign.key)
        weight = worth(deed, rules)
        if deed.at <= as_of and weight > 0:
            campaign = deed.about.get(Object.CAMPAIGN)
            left = weight * 2.0 ** (-(as_of - deed.at) / DAY / rules.half_life_days)
            first[of] = min(first.get(of, (deed.at, deed.id, sign.tag)), (deed.at, deed.id, sign.tag))
            by_tag[of][f"campaign {campaign}" if campaign else f"event {deed.id}"][deed.id] = (left, deed)
    found = [_told(kind, first[kind, key][-1], key, things, as_of, rules) for (kind, key), things in by_tag.items()]
    return sorted((one for one in found if one.weight >= rules.least), key=lambda one: (-one.weight, one.kind, one.tag, one.key))


def _told(kind: TagKind, tag: str, key: str, things: dict[str, dict[str, tuple[float, Deed]]], as_of: int, rules: Tags) -> Earned:
    weight = sum(sorted(max(left for left, _ in some.values()) for some in things.values()))
    every = sorted((one for some in things.values() for one in some.values()), key=lambda one: (-one[0], -one[1].at, one[1].id))
    deeds = [deed for _, deed in every]
    strong = any(deed.type in rules.strong for deed in deeds)
    days = rules.half_life_days * max(log2(weight / rules.least), 0.0)
    return Earned(
        kind,
        tag,
        key,
        weight,
        1 - exp(-weight / rules.scale),
        frozenset(things),
        min(deed.at for deed in deeds),
        max(deed.at for deed in deeds),
        as_of + int(days * DAY),
        strong or len(things) >= rules.things,
        deeds,
    )


def of_account(confidences: Iterable[float]) -> float:
    """How sure a tag is of an account, from its people who earned it: ``1 - prod(1 - c)``."""
    return 1 - prod(1 - one for one in confidences)
