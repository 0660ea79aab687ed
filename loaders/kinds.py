"""The kinds of canonical files: their columns, and what their rows say. Readers, checks, the writer and docs/loading.md derive from this."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum
from math import isfinite
from typing import Any

from graph.instants import period
from graph.model import Authority, BuyingRole, CompanyKind, Influence, Line, Power

Row = Mapping[str, Any]
Parser = Callable[[str, tzinfo], Any]
STANCES = {"ENEMY": -2, "NON_SUPPORTER": -1, "NEUTRAL": 0, "SUPPORTER": 1, "MENTOR": 2}
STRENGTHS = {"strong": 0.7, "medium": 0.4, "weak": 0.2}
LONGEST_ID = 1_000


class Refused(ValueError):
    """A value cannot be used; the message is the reason that the rejects file gives."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how its cells are read, and a sentence. ``ref`` is the label of the thing that it names."""

    name: str
    doc: str
    parse: Parser
    required: bool = False
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class FactSaid:
    """One fact as a row says it: edge type, ends, what else tells it apart, values, and under whose kind it is filed."""

    type: str
    from_id: str
    to_id: str
    apart: tuple[str, ...]
    values: Mapping[str, Any]
    filed: str
    to_label: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file. ``identifies`` is the column whose repetition is refused; the others say which nodes and facts a row
    holds, and ``files`` which types of facts are filed under this kind."""

    name: str
    doc: str
    columns: tuple[Column, ...]
    identifies: str | None = None
    label: str | None = None
    props: Callable[[Row], dict[str, Any]] = field(default=lambda row: {})
    aliases: Callable[[Row], list[str]] = field(default=lambda row: [])
    facts: Callable[[Row], list[FactSaid]] = field(default=lambda row: [])
    files: tuple[str, ...] = ()

    @property
    def every_column(self) -> tuple[Column, ...]:
        """Its own columns and those that every file may carry."""
        return self.columns + COMMON


def text(cell: str, _: tzinfo) -> str:
    """Any text up to 1 MB."""
    if len(cell) > 1_000_000:
        raise Refused("is longer than 1 MB")
    return cell


def ident(cell: str, _: tzinfo) -> str:
    """An id or a name: at most 1,000 characters, otherwise untouched."""
    if len(cell) > LONGEST_ID:
        raise Refused(f"is longer than {LONGEST_ID} characters")
    return cell


def listed(cell: str, _: tzinfo) -> list[str]:
    """Texts, split at ``;``."""
    return [item for part in cell.split(";") if (item := part.strip())]


def whole(cell: str, _: tzinfo) -> int:
    """A whole number."""
    try:
        return int(cell.replace(",", ""))
    except ValueError:
        raise Refused("is not a whole number") from None


def number(cell: str, _: tzinfo) -> float:
    """A number."""
    try:
        value = float(cell.replace(",", ""))
    except ValueError:
        raise Refused("is not a number") from None
    if not isfinite(value):
        raise Refused("is not a finite number")
    return value


def share(cell: str, zone: tzinfo) -> float:
    """A number from 0 to 1."""
    value = number(cell, zone)
    if not 0 <= value <= 1:
        raise Refused("is not between 0 and 1")
    return value


def truth(cell: str, _: tzinfo) -> bool:
    """Yes or no."""
    known = {"true": True, "yes": True, "1": True, "y": True, "是": True, "false": False, "no": False, "0": False, "n": False, "否": False}
    try:
        return known[cell.lower()]
    except KeyError:
        raise Refused("is neither true nor false") from None


def start(cell: str, zone: tzinfo) -> int:
    """A date as a start: its first instant."""
    return _period(cell, zone)[0]


def end(cell: str, zone: tzinfo) -> int:
    """A date as an end: a day's first instant; of a month or a year, the first instant after it."""
    first, after = _period(cell, zone)
    return after if len(cell.strip()) in (4, 7) else first


def _period(cell: str, zone: tzinfo) -> tuple[int, int]:
    try:
        return period(cell, zone)
    except (ValueError, OverflowError):
        raise Refused("is not an ISO 8601 date") from None


def one_of(values: type[StrEnum]) -> Parser:
    """One value of a set, in any case."""
    known = {value.value.lower(): value.value for value in values}

    def parse(cell: str, _: tzinfo) -> str:
        try:
            return known[cell.lower()]
        except KeyError:
            raise Refused(f"is none of {', '.join(known.values())}") from None

    parse.__doc__ = "One of " + ", ".join(f"`{value}`" for value in known.values()) + "."
    return parse


def some_of(values: type[StrEnum]) -> Parser:
    """Several values of a set, split at ``;``."""
    single = one_of(values)

    def parse(cell: str, zone: tzinfo) -> list[str]:
        return [single(item, zone) for item in listed(cell.replace(" ", ";"), zone)]

    parse.__doc__ = (single.__doc__ or "").replace("One", "Some")
    return parse


def stance(cell: str, zone: tzinfo) -> int:
    """-2 to 2, or ``ENEMY NON_SUPPORTER NEUTRAL SUPPORTER MENTOR``."""
    value = STANCES[cell.upper()] if cell.upper() in STANCES else whole(cell, zone)
    if not -2 <= value <= 2:
        raise Refused("is not between -2 and 2")
    return value


def strength(cell: str, zone: tzinfo) -> float:
    """``strong medium weak`` or a number from 0 to 1."""
    return STRENGTHS[cell.lower()] if cell.lower() in STRENGTHS else share(cell, zone)


def tier(cell: str, zone: tzinfo) -> int:
    """1, 2 or 3."""
    value = whole(cell, zone)
    if value not in (1, 2, 3):
        raise Refused("is not 1, 2 or 3")
    return value


class InfluenceSaid(StrEnum):
    """Influence as files say it: FOLLOWS is ADVISES the other way round."""

    ADVISES = "ADVISES"
    FOLLOWS = "FOLLOWS"
    OPPOSES = "OPPOSES"


COMMON = (
    Column("source", "Who says it; default: the load's source.", ident),
    Column("confidence", "How sure the source is.", share),
    Column("valid_from", "True in the world from then on.", start),
    Column("valid_to", "No longer true from then on.", end),
    Column("recorded_at", "When it became known; default: the load's start.", start),
)

PERSON = Column("person_id", "The person.", ident, True, "Person")
JOB = (
    Column("title", "Title as written.", text),
    Column("department", "Department.", text),
    Column("level", "Level.", text),
    Column("function", "Function.", text),
    Column("location", "Place of work.", text),
)
SCOPE = (
    Column("group_id", "The buying group.", ident, ref="BuyingGroup"),
    Column("opportunity_id", "The opportunity whose group it is; kept for a later version.", ident),
    Column("company_id", "The account: its default group.", ident, ref="Company"),
)


def _job(row: Row) -> dict[str, Any]:
    return {
        "title": row["title"],
        "department": row["department"],
        "job_level": row["level"],
        "function": row["function"],
        "location": row["location"],
    }


def _solid(person: str, manager: str) -> FactSaid:
    """The solid manager of a person is one timeline, whichever file says it."""
    return FactSaid("REPORTS_TO", person, manager, (person, Line.SOLID), {"line": Line.SOLID.value}, "reporting", "Person")


def _company_props(row: Row) -> dict[str, Any]:
    copied = "name kinds aliases domain industry country province city district employees annual_revenue currency market_potential tier value"
    props = {name: row[name] for name in (copied + " value_circle registration_no tags").split()}
    return {**props, "territory_id": row["territory_id"]}


def _company_facts(row: Row) -> list[FactSaid]:
    made = []
    if row["parent_id"]:
        made.append(FactSaid("SUBSIDIARY_OF", row["company_id"], row["parent_id"], (row["company_id"],), {}, "companies", "Company"))
    if row["owner_id"]:
        made.append(FactSaid("MANAGES_ACCOUNT", row["owner_id"], row["company_id"], (row["company_id"],), {}, "companies", "Company"))
    return made


def _person_facts(row: Row) -> list[FactSaid]:
    made = []
    if row["company_id"]:
        made.append(FactSaid("WORKS_AT", row["person_id"], row["company_id"], (row["person_id"],), _job(row), "people", "Company"))
    if row["manager_id"]:
        made.append(_solid(row["person_id"], row["manager_id"]))
    return made


def _person_aliases(row: Row) -> list[str]:
    urls = [row["linkedin_url"]] if row["linkedin_url"] else []
    given = [("mail:", [mail.lower() for mail in row["emails"] or []]), ("phone:", row["phones"] or []), ("url:", urls)]
    return [*(row["aliases"] or []), *(row["identifiers"] or []), *(prefix + name for prefix, names in given for name in names)]


def _influence(row: Row) -> list[FactSaid]:
    kind, ends = row["kind"] or "ADVISES", (row["from_id"], row["to_id"])
    if kind == InfluenceSaid.FOLLOWS:
        kind, ends = Influence.ADVISES.value, ends[::-1]
    strong = STRENGTHS["medium"] if row["strength"] is None else row["strength"]
    values = {"kind": kind, "strength": strong, "topic": row["topic"]}
    return [FactSaid("INFLUENCES", *ends, (*ends, kind, row["topic"] or ""), values, "influence", "Person")]


def group_of(row: Row) -> str:
    """The group that a role or membership names: the default group of an account bears the account's id."""
    return str(row["group_id"] or row["company_id"])


def _role(row: Row) -> list[FactSaid]:
    confidence = 1.0 if row["role_confidence"] is None else row["role_confidence"]
    values = {"role": row["role"], "role_confidence": confidence, "authority": row["authority"], "step": row["step"]}
    group = group_of(row)
    return [FactSaid("HAS_ROLE_IN", row["person_id"], group, (row["person_id"], group, row["role"]), values, "roles", "BuyingGroup")]


def _member(row: Row) -> list[FactSaid]:
    values = {name: row[name] for name in ["stance", "power", "goals", "concerns", "author_id"]}
    group = group_of(row)
    return [FactSaid("MEMBER_OF", row["person_id"], group, (row["person_id"], group), values, "members", "BuyingGroup")]


def _reporting(row: Row) -> list[FactSaid]:
    if row["line"] == Line.DOTTED:
        ends = (row["person_id"], row["manager_id"])
        return [FactSaid("REPORTS_TO", *ends, (*ends, Line.DOTTED), {"line": Line.DOTTED.value}, "reporting", "Person")]
    return [_solid(row["person_id"], row["manager_id"])]


KINDS = (
    Kind(
        "companies",
        "Organisations: accounts, ours, partners, competitors.",
        (
            Column("company_id", "Its id.", ident, True),
            Column("name", "Its name.", ident, True),
            Column("kinds", "What it is to us; default account.", some_of(CompanyKind)),
            Column("aliases", "Other names and ids.", listed),
            Column("domain", "Web domain.", lambda cell, zone: ident(cell.lower(), zone)),
            Column("industry", "Industry.", text),
            Column("country", "Country.", text),
            Column("province", "Province.", text),
            Column("city", "City.", text),
            Column("district", "District.", text),
            Column("territory_id", "Smallest sales territory.", ident),
            Column("employees", "Head count.", whole),
            Column("annual_revenue", "Yearly revenue.", number),
            Column("currency", "ISO 4217 code.", text),
            Column("market_potential", "What could be sold there in a year.", number),
            Column("parent_id", "The company that owns it.", ident, ref="Company"),
            Column("tier", "1, 2 or 3.", tier),
            Column("value", "Worth to us.", share),
            Column("owner_id", "Our account owner.", ident, ref="Person"),
            Column("value_circle", "business, organisation, industry or national.", text),
            Column("registration_no", "Number in the trade register.", ident),
            Column("tags", "Tags.", listed),
        ),
        identifies="company_id",
        label="Company",
        props=_company_props,
        aliases=lambda row: [*(row["aliases"] or []), *([f"url:{row['domain']}"] if row["domain"] else [])],
        facts=_company_facts,
        files=("SUBSIDIARY_OF", "MANAGES_ACCOUNT"),
    ),
    Kind(
        "people",
        "People, with a shortcut for their present job and manager.",
        (
            Column("person_id", "Their id.", ident, True),
            Column("name", "Full name.", ident, True),
            Column("aliases", "Other names and ids.", listed),
            Column("emails", "E-mail addresses; kept as aliases only.", listed),
            Column("phones", "Phone numbers; kept as aliases only.", listed),
            Column("company_id", "Where they work.", ident, ref="Company"),
            *JOB,
            Column("manager_id", "Their solid-line manager.", ident, ref="Person"),
            Column("linkedin_url", "Profile; kept as an alias only.", ident),
            Column("identifiers", "Ids elsewhere, `scheme:value`.", listed),
            Column("language", "Language they prefer.", text),
            Column("do_not_contact", "They opted out.", truth),
            Column("legal_basis", "Why we may keep the data.", text),
            Column("consent_until", "Until when consent holds.", end),
            Column("value_circle", "business, organisation, industry or national.", text),
            Column("tags", "Tags.", listed),
        ),
        identifies="person_id",
        label="Person",
        props=lambda row: {
            name: row[name]
            for name in ["name", "aliases", "language", "location", "do_not_contact", "legal_basis", "consent_until", "value_circle", "tags"]
        },
        aliases=_person_aliases,
        facts=_person_facts,
        files=("WORKS_AT",),
    ),
    Kind(
        "employments",
        "Jobs, past and present.",
        (PERSON, Column("company_id", "The employer.", ident, True, "Company"), *JOB),
        facts=lambda row: [
            FactSaid(
                "WORKS_AT",
                row["person_id"],
                row["company_id"],
                (row["person_id"], row["company_id"], row["title"] or "", row["department"] or ""),
                _job(row),
                "employments",
                "Company",
            )
        ],
        files=("WORKS_AT",),
    ),
    Kind(
        "reporting",
        "Who has whom as manager.",
        (PERSON, Column("manager_id", "The manager.", ident, True, "Person"), Column("line", "Default SOLID.", one_of(Line))),
        facts=_reporting,
        files=("REPORTS_TO",),
    ),
    Kind(
        "groups",
        "Buying groups beside an account's default one.",
        (
            Column("group_id", "Its id.", ident, True),
            Column("company_id", "The account.", ident, True, "Company"),
            Column("name", "Its name.", ident),
            Column("product_id", "The product decided about.", ident),
            Column("template_id", "The role template.", ident),
        ),
        identifies="group_id",
        label="BuyingGroup",
        props=lambda row: {name: row[name] for name in ["company_id", "name", "product_id", "template_id"]},
    ),
    Kind(
        "roles",
        "Who holds which role in a decision.",
        (
            PERSON,
            Column("role", "BuyingRole.", one_of(BuyingRole), True),
            *SCOPE,
            Column("role_confidence", "How sure that they hold it; default 1.", share),
            Column("authority", "Default: the template's.", one_of(Authority)),
            Column("step", "Place in the order of approval.", whole),
        ),
        facts=_role,
        files=("HAS_ROLE_IN",),
    ),
    Kind(
        "members",
        "Stance and power of people in a decision.",
        (
            PERSON,
            *SCOPE,
            Column("stance", "Stance.", stance),
            Column("power", "Power.", one_of(Power)),
            Column("goals", "What they want.", text),
            Column("concerns", "What they fear.", text),
            Column("author_id", "Who of us thinks so.", ident),
        ),
        facts=_member,
        files=("MEMBER_OF",),
    ),
    Kind(
        "influence",
        "Who sways whom.",
        (
            Column("from_id", "Who sways (of FOLLOWS: who follows).", ident, True, "Person"),
            Column("to_id", "Who is swayed (of FOLLOWS: who is followed).", ident, True, "Person"),
            Column("kind", "Default ADVISES.", one_of(InfluenceSaid)),
            Column("strength", "Default medium.", strength),
            Column("topic", "About what.", text),
        ),
        facts=_influence,
        files=("INFLUENCES",),
    ),
)

KIND = {kind.name: kind for kind in KINDS}
