"""How much is known of a deal's budget, authority, need, timing and competition, and what to ask next (method.md 5.6). Pure.

It is knowledge and no chance of winning: never multiply it with an amount.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from graph.measures.coverage import DEFAULTS as COVERAGE
from graph.model import ValueField
from graph.score import Formula

FIELDS = (ValueField.BUDGET, ValueField.AUTHORITY, ValueField.NEED, ValueField.TIMING, ValueField.COMPETITION)


@dataclass(frozen=True)
class Parameters:
    """The defaults of method.md 9; authority counts no more than ``unmet`` while the approver's coverage is below ``reached``."""

    weights: tuple[float, ...] = (0.2, 0.25, 0.25, 0.15, 0.15)
    unknown: float = 0.0
    assumed: float = 0.34
    stated: float = 0.67
    verified: float = 1.0
    half_life_days: float = 120
    reached: float = COVERAGE.reached
    unmet: float = 0.67


DEFAULTS = Parameters()
FORMULA = Formula("bantc-1", DEFAULTS)


class Known(NamedTuple):
    """What is said of one field: its state, and how many days ago, None for unknown."""

    state: str
    days: float | None


class Reading(NamedTuple):
    """One field: how well it is known when fresh, what time left of that (``fresh``), what it comes to, and whether the approver held it down."""

    level: float
    fresh: float
    value: float
    weight: float
    capped: bool


class Qualified(NamedTuple):
    """Five fields, their weighted mean, the least known of them, and the one whose answer would add most."""

    fields: Mapping[ValueField, Reading]
    completeness: float
    weakest: ValueField
    ask: ValueField | None


def qualified(known: Mapping[ValueField, Known], approver: float | None, parameters: Parameters = DEFAULTS) -> Qualified:
    """What is known of a deal. ``approver`` is the coverage of the best covered role that may approve, None where nobody holds one.

    What is unknown, or not spoken of, is 0. Authority counts as stated at most while the approver is not covered, whatever is written; that holds
    before it fades. A statement without a date does not fade. Of several fields alike the first in BANTC's order is asked for.
    """
    met = approver is not None and approver >= parameters.reached
    fields = {}
    for field, weight in zip(FIELDS, parameters.weights, strict=True):
        state, days = known.get(field, Known("unknown", None))
        level = float(getattr(parameters, state))
        capped = field is ValueField.AUTHORITY and not met and level > parameters.unmet
        level = parameters.unmet if capped else level
        fresh = 1.0 if days is None else 0.5 ** (max(days, 0.0) / parameters.half_life_days)
        fields[field] = Reading(level, fresh, level * fresh, weight, capped)
    completeness = sum(one.weight * one.value for one in fields.values()) / sum(parameters.weights)
    lacking = _first([one.weight * (1 - one.value) for one in fields.values()])
    weakest = _first([-one.value for one in fields.values()])
    return Qualified(fields, completeness, weakest, lacking if fields[lacking].value < 1 else None)


def _first(values: Sequence[float]) -> ValueField:
    """The first field of the largest value."""
    return FIELDS[max(range(len(FIELDS)), key=lambda place: (values[place], -place))]
