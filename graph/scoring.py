"""Scoring models as data: which points what somebody did is worth, how they fade, which tags it earns. One schema for ours and for users' own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, TypeAdapter

from graph.declared import declared_in
from graph.errors import ConfigError
from graph.lazy import cached_property
from graph.model import CampaignType, InteractionType, Part
from graph.score import Formula
from graph.store import Store

SHIPPED = Path(__file__).parent / "scoring_models"
STANDARD = "standard"
DID = (Part.SENDER, Part.ATTENDEE, Part.SPEAKER)
"""Parts of whoever does something themselves."""


def _listed(given: Any) -> Any:
    return [given] if isinstance(given, str) else given


def _among(kind: type[StrEnum]) -> AfterValidator:
    """Refuses what is no value of an enumeration."""

    def checked(given: str) -> str:
        if given not in set(kind):
            raise ValueError(f"{given!r} is none of {', '.join(kind)}")
        return given

    return AfterValidator(checked)


class Object(StrEnum):
    """About what an interaction was."""

    CAMPAIGN = "campaign"
    PRODUCT = "product"
    TOPIC = "topic"


Types = Annotated[tuple[Annotated[str, _among(InteractionType)], ...], BeforeValidator(_listed)]
CampaignTypes = Annotated[tuple[Annotated[str, _among(CampaignType)], ...], BeforeValidator(_listed)]
Above = Annotated[float, Field(gt=0, allow_inf_nan=False)]


@dataclass(frozen=True)
class Rule:
    """What an interaction of some types is worth to whoever did it. Of several rules that fit the first one counts."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    types: Annotated[Types, Field(min_length=1, description="Of these types.")]
    points: Annotated[float, Field(ge=0, allow_inf_nan=False, description="So many points; with `per_minutes`, for so many minutes.")]
    ladder: Annotated[
        str,
        Field(
            description="Rules of one ladder share what they give for one object: an event adds what it lifts above that. Default: a ladder alone."
        ),
    ] = ""
    objects: Annotated[
        tuple[Object, ...],
        BeforeValidator(_listed),
        Field(description="What counts once: the first of these that the interaction names, else the interaction itself."),
    ] = (Object.CAMPAIGN,)
    campaigns: Annotated[CampaignTypes, Field(description="Only at campaigns of these types; default: anywhere.")] = ()
    parts: Annotated[tuple[Part, ...], BeforeValidator(_listed), Field(description="Only for who took part so.")] = DID
    per_minutes: Annotated[Above | None, Field(description="The points are for each full stretch of so many minutes.")] = None
    most: Annotated[Above | None, Field(description="At most so many points.")] = None

    def worth(self, minutes: float | None) -> float:
        """The points of one interaction of so many minutes, which may be unknown."""
        points = self.points if self.per_minutes is None else self.points * ((minutes or 0.0) // self.per_minutes)
        return points if self.most is None else min(points, self.most)


Limits = Annotated[tuple[float, float, float], Field(description="From which value on it is the first, the second and the third of four.")]


@dataclass(frozen=True)
class Bands:
    """Where the letters A to D of fit and the numbers 1 to 4 of engagement begin: three falling limits each."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    fit: Limits = (0.75, 0.5, 0.25)
    person: Limits = (0.6, 0.3, 0.1)
    account: Limits = (0.3, 0.15, 0.05)

    def __post_init__(self) -> None:
        for name in ("fit", "person", "account"):
            first, second, third = getattr(self, name)
            if not 1 >= first > second > third > 0:
                raise ValueError(f"bands.{name}: write three falling limits between 1 and 0, such as [0.6, 0.3, 0.1]")


@dataclass(frozen=True)
class Tags:
    """Which tags what somebody does earns."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    half_life_days: Annotated[Above, Field(description="Evidence halves in so many days.")]
    scale: Annotated[Above, Field(description="How sure a tag is: `1 - exp(-evidence / scale)`.")]
    things: Annotated[int, Field(ge=1, description="So many campaigns, or interactions outside any, earn a tag.")]
    least: Annotated[Above, Field(description="It is gone once less evidence than this is left.")]
    weights: Annotated[dict[Annotated[str, _among(InteractionType)], Above], Field(min_length=1, description="Type -> what one weighs.")]
    strong: Annotated[Types, Field(description="One of these types alone earns a tag, whoever sent it.")] = ()
    minutes: Annotated[Above, Field(description="A stay weighs once for each full stretch of so many minutes, and once at least.")] = 15
    most: Annotated[float, Field(ge=1, allow_inf_nan=False, description="But no more than so many times.")] = 4


@dataclass(frozen=True)
class Model:
    """A scoring model: one file, whose stem is its name."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    version: Annotated[str, Field(min_length=1, description="Changes whenever the numbers do; it stands in every score.")]
    about: Annotated[str, Field(min_length=1, description="What it is for, in a sentence.")]
    half_life_days: Annotated[Above, Field(description="Points halve in so many days.")]
    scale: Annotated[Above, Field(description="A score is `1 - exp(-points / scale)`.")]
    rules: Annotated[dict[str, Rule], Field(min_length=1, description="Name -> rule.")]
    daily_cap: Annotated[Above | None, Field(description="At most so many points a person and UTC day; what comes last is cut.")] = None
    extends: Annotated[str | None, Field(description="Another model: what this file does not say is as there, table by table.")] = None
    tags: Annotated[Tags | None, Field(description="Which tags are earned; none where a model is silent.")] = None
    bands: Annotated[Bands, Field(description="Where the cells of the matrix A1 to D4 begin.")] = field(default_factory=Bands)

    @property
    def ladders(self) -> dict[str, str]:
        """Rule -> its ladder."""
        return {name: rule.ladder or f"{name} alone" for name, rule in self.rules.items()}

    @cached_property
    def types(self) -> frozenset[str]:
        """The types that any rule speaks of."""
        return frozenset(type_ for rule in self.rules.values() for type_ in rule.types)

    def rule_of(self, type_: str, campaign: str | None, parts: frozenset[str]) -> str | None:
        """The first rule that fits an interaction of this type at a campaign of this type, for who took part so."""
        for name, rule in self.rules.items():
            if type_ in rule.types and (not rule.campaigns or campaign in rule.campaigns) and parts.intersection(rule.parts):
                return name
        return None


ADAPTER = TypeAdapter(Model)


@dataclass(frozen=True)
class Scoring:
    """A model with its name."""

    name: str
    model: Model

    @cached_property
    def formula(self) -> Formula:
        """What a score says of its formula."""
        return Formula(f"engagement-{self.name}-{self.model.version}", self.model)

    @cached_property
    def of_accounts(self) -> Formula:
        """The same of accounts."""
        return Formula(f"account-engagement-{self.name}-{self.model.version}", self.model)


class Models:
    """The models that a store's questions may use: ours, and those of the folder ``DOTTEDLINE_SCORING``, of which one may take a name of ours.

    They are read when the first one is asked for. Raises ConfigError with file, line and field where one is not what it must be.
    """

    def __init__(self, store: Store) -> None:
        self.by_name = read_models(store.settings.scoring)

    async def close(self) -> None:
        """Nothing is held."""


def read_models(folder: Path | None) -> dict[str, Scoring]:
    """Name -> model: ours, and those of a folder. One of ours extends ours, whatever is in the folder. Raises ConfigError."""
    ours = {path.stem: path for path in sorted(SHIPPED.glob("*.toml"))}
    own = {} if folder is None else {path.stem: path for path in sorted(folder.glob("*.toml"))}
    if folder is not None and not own:
        raise ConfigError(f"DOTTEDLINE_SCORING: {folder} holds no scoring model. Name a folder with *.toml files, or unset it. See docs/scoring.md.")

    def made(name: str, path: Path) -> Scoring:
        return Scoring(name, declared_in(path, _Extending(ours | own if name in own else ours, name), ConfigError, "docs/scoring.md"))

    return {name: made(name, path) for name, path in (ours | own).items()}


class _Extending:
    """Makes a model of what its file says, on top of the one that it extends."""

    def __init__(self, files: Mapping[str, Path], name: str) -> None:
        self.files, self.seen = files, (name,)

    def __call__(self, raw: Any) -> Model:
        return ADAPTER.validate_python(self._whole(raw, self.seen))

    def _whole(self, raw: dict[str, Any], seen: tuple[str, ...]) -> dict[str, Any]:
        own = dict(raw)
        base = own.get("extends")
        if base is None:
            return own
        path = SHIPPED / f"{base}.toml" if base in seen else self.files.get(base)
        if path is None or not path.exists() or seen.count(base) > 1:
            known = ", ".join(sorted(self.files))
            raise ValueError(f"extends: {base!r} is no other model. Those that can be extended: {known}")
        under = declared_in(path, lambda text: self._whole(text, (*seen, base)), ConfigError, "docs/scoring.md")
        return _merged(under, own)


def _merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Table by table, what ``over`` says in place of ``under``, and before what that says besides."""
    both = {
        name: _merged(under[name], given) if isinstance(given, dict) and isinstance(under.get(name), dict) else given for name, given in over.items()
    }
    return {**both, **{name: given for name, given in under.items() if name not in over}}
