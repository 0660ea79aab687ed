"""Scores that say what they rest on: a value or why there is none, a range, components that sum to the value, evidence, and a sentence."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Annotated, Any

import orjson

from graph.answer import Id, answer
from graph.worded import Worded


class Missing(Worded):
    """Why a score has no value: unknown is never zero."""

    NO_EVIDENCE = "NO_EVIDENCE", "Nothing is recorded on which it could rest."
    TOO_FEW = "TOO_FEW", "Too few are known for a figure to say anything."
    UNMAPPED = "UNMAPPED", "Nobody is known in the roles that it asks about."
    RESTRICTED = "RESTRICTED", "There is one, which you may not see."
    NOT_APPLICABLE = "NOT_APPLICABLE", "There is no such thing here."


@answer
class Evidence:
    """Something recorded on which a component rests."""

    id: Annotated[Id, "The interaction's or fact's own id."]
    kind: Annotated[str, "What it is, such as meeting or role."]
    at: Annotated[datetime | None, "When; null when open."]
    label: Annotated[str, "What a person would call it."]
    source: Annotated[str, "Who says so."]


@answer
class Component:
    """One part of a score."""

    code: Annotated[str, "Its name for programs; never translated."]
    label: Annotated[str, "Its name for people."]
    value: Annotated[float | None, "The part's own value, 0 to 1."]
    weight: Annotated[float | None, "Its weight; null where parts have none."]
    contribution: Annotated[float | None, "Its share of the value; all of them sum to it. Null in a product, whose parts have no shares."]
    evidence: Annotated[list[Evidence], "What it rests on, the latest first."]


@answer
class Score:
    """A number between 0 and 1 that says what it rests on. ``value`` is null exactly when ``missing`` is set."""

    value: Annotated[float | None, "0 to 1; null when it cannot be said."]
    missing: Annotated[Missing | None, "Why there is no value."]
    low: Annotated[float | None, "The value when unsure facts are left out."]
    high: Annotated[float | None, "The value when unsure facts are taken as sure."]
    evidence_count: Annotated[int, "How many recorded things it rests on."]
    components: Annotated[list[Component], "Its parts."]
    formula: Annotated[str, "Which formula, with its version."]
    params_hash: Annotated[str, "Stands for the parameters used."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@dataclass(frozen=True)
class Formula:
    """A formula's name with its version, and the parameters with which it is used: a frozen dataclass, declared once."""

    name: str
    parameters: Any
    params_hash: str = field(init=False)

    def __post_init__(self) -> None:
        text = orjson.dumps(asdict(self.parameters), option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
        object.__setattr__(self, "params_hash", hashlib.blake2b(text, digest_size=6).hexdigest())

    def score(
        self, value: float, why: str, *, low: float | None = None, high: float | None = None, count: int = 0, components: Sequence[Component] = ()
    ) -> Score:
        """A score that has a value; without a range it is its own."""
        bounds = (value if low is None else low, value if high is None else high)
        return Score(value, None, *bounds, count, list(components), self.name, self.params_hash, why)

    def missing(self, missing: Missing, why: str, *, components: Sequence[Component] = ()) -> Score:
        """A score that cannot be said."""
        return Score(None, missing, None, None, 0, list(components), self.name, self.params_hash, why)
