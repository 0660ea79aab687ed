"""Which accounts: the filter that set questions share, and its text form `field=value,value;field=value` (segments, the command line). Pure."""

from dataclasses import MISSING, fields
from enum import Enum
from functools import lru_cache
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from graph.answer import Id, asked
from graph.errors import InvalidInput
from graph.model import TIERS, CompanyKind, Outcome

F = TypeVar("F")
NUMBERS = {int: "whole numbers", float: "numbers"}
TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@asked
class AccountFilter:
    """Which accounts: all fields must hold, of a field's values any. Owner, tier, use, tags and subsidiaries are those at asOf."""

    ids: Annotated[list[Id] | None, "These, by any id or alias."] = None
    segment: Annotated[
        list[Id] | None, "In one of these segments; what a segment names that there is not, or that you may not see, selects nothing."
    ] = None
    territory: Annotated[list[Id] | None, "In one of these territories, or in one within them."] = None
    industry: Annotated[list[str] | None, "Of these industries, upper and lower case alike."] = None
    country: Annotated[list[str] | None, "In these countries."] = None
    province: Annotated[list[str] | None, "In these provinces."] = None
    tier: Annotated[list[int] | None, "Of these tiers: 1, 2 or 3."] = None
    owner: Annotated[list[Id] | None, "Owned by one of these people of ours."] = None
    kinds: Annotated[list[CompanyKind] | None, "Any of these kinds; default: what the question is about."] = None
    product: Annotated[list[Id] | None, "Using one of these products."] = None
    competitor: Annotated[list[Id] | None, "Using a product of one of these competitors."] = None
    tag: Annotated[list[str] | None, "Bearing one of these tags."] = None
    include_subsidiaries: Annotated[bool, "And every company that such a one owns, through others too."] = False


@asked
class PersonFilter(AccountFilter):
    """Which people: those whose present employer is one of these accounts, and more."""

    do_not_contact: Annotated[bool | None, "Opted out, or not."] = None


@asked
class OpportunityFilter(AccountFilter):
    """Which opportunities: those of these accounts, and more."""

    outcome: Annotated[list[Outcome] | None, "Ended so."] = None
    single_threaded: Annotated[bool | None, "At most one holder of a role in its group is close to us (0.35), or more than one; of open deals."] = (
        None
    )
    quiet_days: Annotated[int | None, "Nothing went between us and anybody of its group for so many days, or ever; of open deals."] = None
    bantc_below: Annotated[float | None, "Less than this is known of the five, 0 to 1; of open deals."] = None


@asked
class CampaignFilter:
    """Which campaigns: all fields must hold, of a field's values any."""

    type: Annotated[list[str] | None, "Of these types, such as webinar."] = None
    topic: Annotated[list[str] | None, "About one of these topics, upper and lower case alike."] = None


def refuse_tiers(wanted: AccountFilter, argument: str = "filter") -> None:
    """Raises InvalidInput for a tier that there is not."""
    if other := set(wanted.tier or ()).difference(TIERS):
        known = ", ".join(map(str, TIERS))
        raise InvalidInput(f"{argument}: tier {min(other)} cannot be used. It takes {known}.", argument=f"{argument}.tier")


def parsed(text: str, type_: type[F], argument: str = "filter") -> F:
    """An input from its text form. Raises InvalidInput that names the argument, the term and the cure."""
    hints = get_type_hints(type_)
    known = {_plain(field.name): field.name for field in fields(type_)}  # type: ignore[arg-type]
    given: dict[str, Any] = {}
    for term in text.split(";"):
        if not term.strip():
            continue
        name, equals, after = (part.strip() for part in term.partition("="))
        field = known.get(_plain(name))
        if not equals or field is None:
            fields_known = ", ".join(known.values())
            raise InvalidInput(f"{argument}: {term.strip()!r} is no term. Write field=value,value with a field of {fields_known}.", argument=argument)
        if field in given:
            raise InvalidInput(f"{argument}: {field} stands twice. Write its values in one term, with commas.", argument=argument)
        wanted = next(part for part in (get_args(hints[field]) or (hints[field],)) if part is not type(None))
        given[field] = values(field, wanted, [text for part in after.split(",") if (text := part.strip())])
    lacking = [field.name for field in fields(type_) if field.default is MISSING and field.name not in given]  # type: ignore[arg-type]
    if lacking:
        raise InvalidInput(f"{argument}: {text!r} lacks {lacking[0]}. Write {lacking[0]}=value first.", argument=argument)
    return type_(**given)


@lru_cache(1_000)
def segment_of(text: str) -> AccountFilter:
    """A segment's filter. Raises InvalidInput where it cannot be one."""
    made = parsed(text, AccountFilter)
    if made.segment:
        raise InvalidInput("filter: a segment cannot be made of segments. Write their terms.", argument="filter")
    if made == AccountFilter():
        raise InvalidInput("filter: it says nothing. Write at least one term, such as kinds=account.", argument="filter")
    return made


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").replace(" ", "").lower()


def values(name: str, hint: Any, texts: list[str]) -> Any:
    """Texts as a list type, or a single type, wants them. Raises InvalidInput that says what it takes."""
    if not texts:
        raise InvalidInput(f"{name} lacks its values. Write {name}=value,value, or leave it out.", argument=name)
    many = get_origin(hint) is list
    made = [_value(name, get_args(hint)[0] if many else hint, text) for text in texts]
    if not many and len(made) > 1:
        raise InvalidInput(f"{name} takes one value, not {len(made)}.", argument=name)
    return made if many else made[0]


def _value(name: str, kind: Any, text: str) -> Any:
    try:
        if kind is bool:
            return TRUTH[text.lower()]
        if isinstance(kind, type) and issubclass(kind, Enum):
            return next(one for one in kind if text.lower() in (one.value.lower(), one.name.lower()))
        return kind(text)
    except (ValueError, KeyError, StopIteration):
        can = NUMBERS[kind] if kind in NUMBERS else ", ".join(TRUTH if kind is bool else [one.value for one in kind])
        raise InvalidInput(f"{name}: {text!r} cannot be used. It takes {can}.", argument=name) from None
