"""What people did, read once for any number of them, and the models by which it is scored."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, cast

from graph.answer import Id, answer
from graph.errors import InvalidInput
from graph.instants import OPEN_START, at_moment
from graph.lazy import cached_property
from graph.measures.coverage import WORTH_OF_TIER
from graph.measures.engagement import BETWEEN, Deed, letter
from graph.model import Part, source_of
from graph.read import Reader, read
from graph.score import Component, Evidence, Formula, Missing, Score
from graph.scoring import STANDARD, Bands, Models, Object, Scoring
from graph.sight import sight, unseen
from graph.store import Store
from graph.stretch import MOST_ROWS
from graph.view import View
from graph.words import chinese, number

FIT = Formula("fit-1", Bands())


@answer
class DeedRows:
    """One row a person: where they work and what they did, packed."""

    anchor: Id
    name: str
    ours: bool
    employers: list[tuple[Id, str, float | None, int | None, int, str]]
    deeds: list[list[Any]]


@read
async def deed_rows(ids: Sequence[str], types: Collection[str], between: Collection[str], since: int, most: int) -> list[DeedRows]:
    """Their rows."""
    raise NotImplementedError


class About(NamedTuple):
    """A deed with what is told of it: who says so, what it is called, and its campaign's name, topics and products; where it was and came from."""

    deed: Deed
    source: str
    label: str
    campaign: str | None
    topics: list[str]
    products: list[str]
    location: str | None
    utm_source: str | None
    utm_medium: str | None

    @property
    def evidence(self) -> Evidence:
        """As evidence."""
        return Evidence(Id(self.deed.id), self.deed.type, at_moment(self.deed.at), self.label, self.source)


class Doer:
    """A person with what they did."""

    def __init__(self, row: DeedRows) -> None:
        self.id, self.name, self.ours, self.employers = row.anchor, row.name, row.ours, row.employers
        self._rows = row.deeds

    @cached_property
    def deeds(self) -> dict[str, About]:
        """Event -> what it was."""
        return {row[0]: _about(*row) for row in self._rows}

    def about(self, product: str | None) -> list[Deed]:
        """The deeds, or those about a product."""
        return [one.deed for one in self.deeds.values() if product is None or product in (one.deed.about[Object.PRODUCT], *one.products)]


def _about(
    id_: str,
    type_: str,
    at: int,
    status: str,
    noise: str | None,
    minutes: float | None,
    parts: list[str],
    origin: str,
    label: str | None,
    campaign: str | None,
    campaign_name: str | None,
    campaign_type: str | None,
    topics: list[str],
    products: list[str],
    product: str | None,
    topic: str | None,
    location: str | None,
    utm_source: str | None,
    utm_medium: str | None,
    rival: bool,
    with_us: bool,
) -> About:
    about = {Object.CAMPAIGN: campaign, Object.PRODUCT: product, Object.TOPIC: topic}
    deed = Deed(id_, type_, at, status, noise, rival, [Part(part) for part in parts], minutes, about, campaign_type, with_us)
    called = label or type_.replace("_", " ")
    return About(deed, source_of(origin), called, campaign_name or campaign, topics, products, location, utm_source, utm_medium)


async def doers(store: Reader, view: View, people: Sequence[str], types: Collection[str]) -> dict[str, Doer]:
    """Person -> what they did of these types, in one read for any number of people."""
    rows = await deed_rows(store, view, people, sorted(types), sorted(BETWEEN), OPEN_START, MOST_ROWS)
    return {row.anchor: Doer(row) for row in await _seen(store, view, rows)}


async def _seen(store: Reader, view: View, rows: list[DeedRows]) -> list[DeedRows]:
    """What may be seen of it: of our own people only what they did with such."""
    if view.scope is None:
        return rows
    seeing = await sight(store, view, people=[row.anchor for row in rows], products={id_ for row in rows for deed in row.deeds for id_ in deed[13]})
    hidden = await unseen(store, view, {deed[0] for row in rows if row.anchor in seeing.house for deed in row.deeds})
    return [
        replace(
            row,
            deeds=[[*deed[:13], [id_ for id_ in deed[13] if id_ not in seeing.products], *deed[14:]] for deed in row.deeds if deed[0] not in hidden],
        )
        for row in rows
    ]


def scoring_of(store: Reader, name: str | None, argument: str = "model") -> Scoring:
    """A scoring model. Raises InvalidInput where there is none of that name, and ConfigError where one cannot be read."""
    known = cast(Store, store).companion(Models).by_name
    if (name or STANDARD) not in known:
        raise InvalidInput(f"{argument}: {name!r} is no scoring model. There are {', '.join(sorted(known))}.", argument=argument)
    return known[name or STANDARD]


def fit_of(value: float | None, tier: int | None, language: str) -> Score:
    """How well an account fits: what it is said to be worth to us, else by its tier; never by what its people do."""
    zh = chinese(language)
    if value is None and tier not in WORTH_OF_TIER:
        return FIT.missing(Missing.NO_EVIDENCE, "价值与等级均未知。" if zh else "Neither a worth nor a tier is known.")
    code, label = ("value", "价值" if zh else "stated worth") if value is not None else ("tier", f"等级{tier}" if zh else f"tier {tier}")
    fit = value if value is not None else WORTH_OF_TIER[tier or 0]
    why = f"契合度{number(fit)}（{label}）。" if zh else f"Fit {number(fit)} by its {label}."
    return FIT.score(fit, why, count=1, components=[Component(code, label, fit, 1.0, fit, [])])


def cell_of(fit: Score, figure: str | None, bands: Bands) -> str | None:
    """``A1`` to ``D4``; None where either is not known."""
    return None if fit.value is None or figure is None else f"{letter(fit.value, bands)}{figure}"
