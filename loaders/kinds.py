"""The kinds of canonical files, each declared once. Readers, checks, the writer and docs/loading.md derive from this."""

import hashlib
import re
from typing import Any

from graph.identity import MAIL, PHONE, URL
from graph.instants import at_moment
from graph.measures.strength import DEFAULTS
from graph.model import (
    Affiliation,
    Authority,
    BuyingRole,
    CampaignType,
    CompanyKind,
    CompanyLink,
    Direction,
    EventKind,
    Evidence,
    GrantRole,
    Influence,
    InteractionStatus,
    InteractionType,
    Line,
    Noise,
    Outcome,
    Part,
    Power,
    Semantics,
    TerritoryLevel,
    ValueCircle,
    ValueField,
)
from loaders.columns import (
    STRENGTHS,
    Column,
    FactSaid,
    InfluenceSaid,
    Kind,
    Row,
    ThingSaid,
    count,
    domain,
    duration,
    end,
    ident,
    listed,
    number,
    one_of,
    phones,
    segment,
    share,
    signed,
    some,
    some_of,
    stance,
    start,
    strength,
    text,
    tier,
    truth,
    whole,
    written,
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
    Column("opportunity_id", "The opportunity whose group it is.", ident, ref="Opportunity"),
    Column("company_id", "The account: its default group.", ident, ref="Company"),
)


RENAMED = {"level": "job_level", "on": "bought_on"}
"""Columns whose property bears another name."""


def _job(row: Row) -> dict[str, Any]:
    return {
        "title": row["title"],
        "department": row["department"],
        RENAMED["level"]: row["level"],
        "function": row["function"],
        "location": row["location"],
    }


def _solid(person: str, manager: str) -> FactSaid:
    """The solid manager of a person is one timeline, whichever file says it."""
    return FactSaid("REPORTS_TO", person, manager, (person, Line.SOLID), {"line": Line.SOLID.value}, "reporting")


def _company_props(row: Row) -> dict[str, Any]:
    copied = "name kinds aliases domain industry country province city district employees annual_revenue currency market_potential value"
    props = {name: row[name] for name in (copied + " value_circle registration_no tags").split()}
    return {**props, "territory_id": row["territory_id"]}


def _company_facts(row: Row) -> list[FactSaid]:
    made = []
    if row["parent_id"]:
        made.append(FactSaid("SUBSIDIARY_OF", row["company_id"], row["parent_id"], (row["company_id"],), {}, "companies"))
    if row["owner_id"]:
        made.append(FactSaid("MANAGES_ACCOUNT", row["owner_id"], row["company_id"], (row["company_id"],), {}, "companies"))
    return made + dated_values("Company", row["company_id"], "companies", row)


def _person_facts(row: Row) -> list[FactSaid]:
    made = []
    if row["company_id"]:
        made.append(FactSaid("WORKS_AT", row["person_id"], row["company_id"], (row["person_id"],), _job(row), "people"))
    if row["manager_id"]:
        made.append(_solid(row["person_id"], row["manager_id"]))
    return made + dated_values("Person", row["person_id"], "people", row)


def _person_aliases(row: Row) -> list[str]:
    urls = [row["linkedin_url"].lower()] if row["linkedin_url"] else []
    given = [(MAIL, [mail.lower() for mail in row["emails"] or []]), (PHONE, row["phones"] or []), (URL, urls)]
    return [*(row["aliases"] or []), *(row["identifiers"] or []), *(prefix + name for prefix, names in given for name in names)]


def _influence(row: Row) -> list[FactSaid]:
    kind, ends = row["kind"] or "ADVISES", (row["from_id"], row["to_id"])
    if kind == InfluenceSaid.FOLLOWS:
        kind, ends = Influence.ADVISES.value, ends[::-1]
    strong = STRENGTHS["medium"] if row["strength"] is None else row["strength"]
    values = {"kind": kind, "strength": strong, "topic": row["topic"]}
    return [FactSaid("INFLUENCES", *ends, (*ends, kind, row["topic"] or ""), values, "influence")]


def group_of(row: Row) -> str:
    """The group that a role or membership names: an account's default group bears the account's id, an opportunity's own the opportunity's."""
    return str(row["group_id"] or row["opportunity_id"] or row["company_id"])


NEEDS_GROUP = ("group_id", "opportunity_id", "company_id")


def only(row: Row, names: str) -> dict[str, Any]:
    """These columns of a row."""
    return {name: row[name] for name in names.split()}


INSTANTS = (ValueField.CLOSE_ON, ValueField.CONSENT_UNTIL)


def dated(label: str, id_: str, kind: str, field: ValueField, value: Any, **more: Any) -> list[FactSaid]:
    """One dated value of a thing; nothing where the cell is empty."""
    if value is None:
        return []
    told = at_moment(value).isoformat() if field in INSTANTS else written(value) if isinstance(value, float) else str(value)
    values = {"value": told, "number": float(value) if isinstance(value, int | float) else None, **more}
    return [FactSaid(f"{label.upper()}_VALUE", id_, field.value, (id_, field.value), values, kind)]


DATED = {
    "Company": {ValueField.TIER: "tier"},
    "Person": {ValueField.CONSENT_UNTIL: "consent_until"},
    "Opportunity": {ValueField.STAGE: "stage", ValueField.AMOUNT: "amount", ValueField.CLOSE_ON: "close_on", ValueField.OWNER: "owner_id"},
}
"""Label -> the dated values that a row tells of its own thing -> their column."""


def dated_values(label: str, id_: str, kind: str, row: Row) -> list[FactSaid]:
    """The dated values of a row's own thing."""
    return [fact for field, column in DATED[label].items() for fact in dated(label, id_, kind, field, row[column])]


def _role(row: Row) -> list[FactSaid]:
    confidence = 1.0 if row["role_confidence"] is None else row["role_confidence"]
    values = {"role": row["role"], "role_confidence": confidence, "authority": row["authority"], "step": row["step"]}
    group = group_of(row)
    return [FactSaid("HAS_ROLE_IN", row["person_id"], group, (row["person_id"], group, row["role"]), values, "roles")]


def _member(row: Row) -> list[FactSaid]:
    values = {name: row[name] for name in ["stance", "power", "goals", "concerns", "author_id"]}
    group = group_of(row)
    return [FactSaid("MEMBER_OF", row["person_id"], group, (row["person_id"], group), values, "members")]


def _reporting(row: Row) -> list[FactSaid]:
    if row["line"] == Line.DOTTED:
        ends = (row["person_id"], row["manager_id"])
        return [FactSaid("REPORTS_TO", *ends, (*ends, Line.DOTTED), {"line": Line.DOTTED.value}, "reporting")]
    return [_solid(row["person_id"], row["manager_id"])]


def _part(person: str, interaction: str, part: str) -> FactSaid:
    """Who took part in what is one fact, whichever file says it."""
    return FactSaid("TOOK_PART", person, interaction, (person, interaction, part), {"part": part}, "participants")


def _took_part(row: Row) -> list[FactSaid]:
    sent = [_part(row["from_id"], row["interaction_id"], Part.SENDER.value)] if row["from_id"] else []
    return sent + [_part(to, row["interaction_id"], Part.RECIPIENT.value) for to in dict.fromkeys(row["to_ids"] or [])]


def _identity(row: Row) -> dict[str, Any]:
    """An interaction without an id is known by type, UTC minute and people (method.md 5.0)."""
    if row["interaction_id"]:
        return {}
    people = sorted({*([row["from_id"]] if row["from_id"] else []), *(row["to_ids"] or [])})
    parts = (row["type"], str(row["at"] // 60_000_000), *people)
    return {"interaction_id": hashlib.blake2b("\x1f".join(parts).encode(), digest_size=12).hexdigest()}


MACHINES = re.compile(
    r"(^|:)(no[-_.]?reply|do[-_.]?not[-_.]?reply|mailer[-_.]?daemon|postmaster|bounces?|notifications?|newsletters?|alerts?|auto[-_.]?(reply|confirm))"
    r"([-+_.][^@]*)?@",
    re.IGNORECASE,
)
"""Senders that are nobody: the names before the @ by which machines write."""
OPENINGS = frozenset({"article", "page_view", "watch"})
SHORTEST_OPENING = 2 / 60
"""Minutes; scanners and crawlers open for less (method.md 5.0)."""


def _noise(row: Row) -> dict[str, Any]:
    """Marks broadcasts and bots that no source has marked."""
    if row["noise"]:
        return {}
    opened = row["minutes"] if row["type"] in OPENINGS else None
    if MACHINES.search(row["from_id"] or "") or (opened is not None and opened < SHORTEST_OPENING):
        return {"noise": Noise("bot").value}
    if len(set(row["to_ids"] or ())) > DEFAULTS.largest:
        return {"noise": Noise("broadcast").value}
    return {}


def _bantc(row: Row) -> list[FactSaid]:
    said = only(row, "state at said_by_id")
    return dated("Opportunity", row["opportunity_id"], "bantc", ValueField(row["field"]), row["value"] or "", **said)


def _tagging(row: Row, who: str) -> tuple[str, ...]:
    return (row[who], row["tag"], row["cause"] or "", str(row["at"] or ""))


BANTC = [ValueField.BUDGET, ValueField.AUTHORITY, ValueField.NEED, ValueField.TIMING, ValueField.COMPETITION]

KINDS = (
    Kind(
        "companies",
        "Organisations: accounts, ours, partners, competitors.",
        (
            Column("company_id", "Its id.", ident, True),
            Column("name", "Its name.", ident, True),
            Column("kinds", "What it is to us; default account.", some_of(CompanyKind)),
            Column("aliases", "Other names and ids.", listed),
            Column("identifiers", "Ids elsewhere, `scheme:value`; kept as aliases only.", listed),
            Column("domain", "Web domain.", domain),
            Column("industry", "Industry.", text),
            Column("country", "Country.", text),
            Column("province", "Province.", text),
            Column("city", "City.", text),
            Column("district", "District.", text),
            Column("territory_id", "Smallest sales territory.", ident, ref="Territory"),
            Column("employees", "Head count.", count),
            Column("annual_revenue", "Yearly revenue.", number),
            Column("currency", "ISO 4217 code.", text),
            Column("market_potential", "What could be sold there in a year.", number),
            Column("parent_id", "The company that owns it.", ident, ref="Company"),
            Column("tier", "1, 2 or 3.", tier),
            Column("value", "Worth to us.", share),
            Column("owner_id", "Our account owner.", ident, ref="Person"),
            Column("value_circle", "How far its worth to us reaches.", one_of(ValueCircle)),
            Column("registration_no", "Number in the trade register.", ident),
            Column("tags", "Tags.", listed),
        ),
        identifies="company_id",
        label="Company",
        props=_company_props,
        aliases=lambda row: [*(row["aliases"] or []), *(row["identifiers"] or []), *([f"{URL}{row['domain']}"] if row["domain"] else [])],
        facts=_company_facts,
        ends={"SUBSIDIARY_OF": ("company_id", "parent_id"), "MANAGES_ACCOUNT": ("owner_id", "company_id"), "COMPANY_VALUE": ("company_id", "")},
    ),
    Kind(
        "people",
        "People, with a shortcut for their present job and manager.",
        (
            Column("person_id", "Their id.", ident, True),
            Column("name", "Full name.", ident, True),
            Column("aliases", "Other names and ids.", listed),
            Column("emails", "E-mail addresses; kept as aliases only.", listed),
            Column("phones", "Phone numbers; kept as aliases only.", phones),
            Column("company_id", "Where they work.", ident, ref="Company"),
            *JOB,
            Column("manager_id", "Their solid-line manager.", ident, ref="Person"),
            Column("linkedin_url", "Profile; kept as an alias only.", ident),
            Column("identifiers", "Ids elsewhere, `scheme:value`.", listed),
            Column("language", "Language they prefer.", text),
            Column("do_not_contact", "They opted out.", truth),
            Column("legal_basis", "Why we may keep the data.", text),
            Column("consent_until", "Until when consent holds.", end),
            Column("value_circle", "How far their worth to us reaches.", one_of(ValueCircle)),
            Column("tags", "Tags.", listed),
        ),
        identifies="person_id",
        label="Person",
        props=lambda row: {
            **only(row, "name aliases language location do_not_contact legal_basis value_circle tags"),
            "anonymous": False,
        },
        aliases=_person_aliases,
        facts=_person_facts,
        ends={"WORKS_AT": ("person_id", "company_id"), "PERSON_VALUE": ("person_id", "")},
        emptied={"manager_id": lambda row: _solid(row["person_id"], "")},
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
            )
        ],
        ends={"WORKS_AT": ("person_id", "company_id")},
    ),
    Kind(
        "reporting",
        "Who has whom as manager.",
        (PERSON, Column("manager_id", "The manager.", ident, True, "Person"), Column("line", "Default SOLID.", one_of(Line))),
        facts=_reporting,
        ends={"REPORTS_TO": ("person_id", "manager_id")},
    ),
    Kind(
        "groups",
        "Buying groups beside an account's default one.",
        (
            Column("group_id", "Its id.", ident, True),
            Column("company_id", "The account.", ident, True, "Company"),
            Column("name", "Its name.", ident),
            Column("product_id", "The product decided about.", ident, ref="Product"),
            Column("template_id", "The role template.", ident, ref="Template"),
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
        ends={"HAS_ROLE_IN": ("person_id", "group_id")},
        needs_one=NEEDS_GROUP,
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
            Column("author_id", "Who of us thinks so.", ident, ref="Person"),
        ),
        facts=_member,
        ends={"MEMBER_OF": ("person_id", "group_id")},
        needs_one=NEEDS_GROUP,
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
        ends={"INFLUENCES": ("from_id", "to_id")},
    ),
    Kind(
        "templates",
        "Which roles a decision wants, one row a role.",
        (
            Column("template_id", "Its id.", ident, True),
            Column("role", "BuyingRole.", one_of(BuyingRole), True),
            Column("weight", "Share in coverage.", share, True),
            Column("semantics", "Whether one holder is enough; default any.", one_of(Semantics)),
            Column("min_members", "Holders that fill it; default 1.", some),
            Column("step", "Place in the order of approval.", whole),
            Column("theme_en", "What to say, in English.", text),
            Column("theme_zh", "What to say, in Chinese.", text),
        ),
        identifies="template_id",
        label="Template",
        apart=("template_id", "role"),
        rows_are="TemplateRole",
        more=lambda row: [
            ThingSaid(
                "TemplateRole",
                f"{row['template_id']} {row['role']}",
                only(row, "template_id role weight semantics min_members step theme_en theme_zh"),
            )
        ],
    ),
    Kind(
        "segments",
        "Named sets of accounts.",
        (
            Column("segment_id", "Its id.", ident, True),
            Column("name", "Its name.", ident, True),
            Column("filter", "Which accounts.", segment, True),
            Column("template_id", "The template of its accounts.", ident, ref="Template"),
        ),
        identifies="segment_id",
        label="Segment",
        props=lambda row: only(row, "name filter template_id"),
    ),
    Kind(
        "products",
        "What is sold.",
        (
            Column("product_id", "Its id.", ident, True),
            Column("name", "Its name.", ident, True),
            Column("company_id", "Who sells it.", ident, True, "Company"),
            Column("category", "What kind of product.", text),
            Column("launched_on", "When it came out.", start),
        ),
        identifies="product_id",
        label="Product",
        props=lambda row: only(row, "name company_id category launched_on"),
    ),
    Kind(
        "campaigns",
        "Events, papers, courses: what is planned for many.",
        (
            Column("campaign_id", "Its id.", ident, True),
            Column("name", "Its name.", ident, True),
            Column("type", "CampaignType.", one_of(CampaignType), True),
            Column("starts_at", "When it starts.", start),
            Column("ends_at", "When it ends.", end),
            Column("topics", "About what.", listed),
            Column("product_ids", "For which products.", listed, ref="Product"),
            Column("organiser_ids", "Which companies organise it.", listed, ref="Company"),
        ),
        spans=(("starts_at", "ends_at"),),
        identifies="campaign_id",
        label="Campaign",
        props=lambda row: only(row, "name type starts_at ends_at topics product_ids organiser_ids"),
    ),
    Kind(
        "interactions",
        "What happened between people.",
        (
            Column("interaction_id", "Its id; default: from type, minute and people.", ident),
            Column("type", "InteractionType.", one_of(InteractionType), True),
            Column("at", "When.", start, True),
            Column("status", "Default held.", one_of(InteractionStatus)),
            Column("campaign_id", "The campaign.", ident, ref="Campaign"),
            Column("product_id", "The product.", ident, ref="Product"),
            Column("company_id", "At which company.", ident, ref="Company"),
            Column("topic", "About what.", text),
            Column("subject", "Subject line.", text),
            Column("direction", "Towards us or from us.", one_of(Direction)),
            Column("minutes", "How long.", duration),
            Column("location", "Where.", text),
            Column("severity", "Of a ticket.", text),
            Column(
                "noise",
                f"Default: bot where `from_id` is a machine's address (no-reply, postmaster ...) or something is opened for less than two seconds, "
                f"broadcast where there are more than {DEFAULTS.largest} `to_ids`.",
                one_of(Noise),
            ),
            Column("utm_source", "Web source.", text),
            Column("utm_medium", "Web medium.", text),
            Column("utm_campaign", "Web campaign.", text),
            Column("from_id", "Who began it; somebody unknown becomes an anonymous person.", ident, ref="Person", anonymous=True),
            Column("to_ids", "To whom; as above.", listed, ref="Person", anonymous=True),
        ),
        identifies="interaction_id",
        label="Interaction",
        props=lambda row: only(
            row,
            "type at status campaign_id product_id company_id topic subject direction minutes location severity noise "
            "utm_source utm_medium utm_campaign",
        ),
        facts=_took_part,
        derive=lambda row: {**_identity(row), **_noise(row)},
        lasting=True,
    ),
    Kind(
        "participants",
        "Who took part in what.",
        (
            Column("interaction_id", "The interaction.", ident, True, "Interaction"),
            Column("person_id", "Who; somebody unknown becomes an anonymous person.", ident, True, "Person", anonymous=True),
            Column("part", "Default ATTENDEE.", one_of(Part)),
        ),
        facts=lambda row: [_part(row["person_id"], row["interaction_id"], row["part"] or Part.ATTENDEE.value)],
        ends={"TOOK_PART": ("person_id", "interaction_id")},
        lasting=True,
    ),
    Kind(
        "uses",
        "Installations: who uses which product.",
        (
            Column("company_id", "The user.", ident, True, "Company"),
            Column("product_id", "The product.", ident, True, "Product"),
            Column("seats", "How many seats.", count),
            Column("seat_share", "Share of the company's seats.", share),
            Column("verified_on", "When it was last verified.", start),
            Column("renewal_on", "When it is up for renewal.", start),
            Column("satisfaction", "From -1 to 1.", signed),
        ),
        facts=lambda row: [
            FactSaid(
                "USES",
                row["company_id"],
                row["product_id"],
                (row["company_id"], row["product_id"]),
                only(row, "seats seat_share verified_on renewal_on satisfaction"),
                "uses",
            )
        ],
        ends={"USES": ("company_id", "product_id")},
    ),
    Kind(
        "purchases",
        "Who bought what, when and for how much.",
        (
            Column("purchase_id", "Its id.", ident, True),
            Column("company_id", "The buyer.", ident, True, "Company"),
            Column("product_id", "The product.", ident, True, "Product"),
            Column("on", "When.", start, True),
            Column("amount", "For how much.", number, True),
            Column("currency", "ISO 4217 code.", text),
        ),
        apart=("purchase_id",),
        facts=lambda row: [
            FactSaid(
                "BOUGHT",
                row["company_id"],
                row["product_id"],
                (row["purchase_id"],),
                {**only(row, "purchase_id amount currency"), RENAMED["on"]: row["on"]},
                "purchases",
            )
        ],
        ends={"BOUGHT": ("company_id", "product_id")},
        lasting=True,
    ),
    Kind(
        "company_links",
        "How companies stand to each other.",
        (
            Column("from_id", "The one.", ident, True, "Company"),
            Column("to_id", "The other.", ident, True, "Company"),
            Column("kind", "How.", one_of(CompanyLink), True),
            Column("product_id", "With which product.", ident, ref="Product"),
        ),
        facts=lambda row: [
            FactSaid(
                row["kind"],
                row["from_id"],
                row["to_id"],
                (row["from_id"], row["to_id"], row["product_id"] or ""),
                only(row, "product_id"),
                "company_links",
            )
        ],
        ends={link.value: ("from_id", "to_id") for link in CompanyLink},
    ),
    Kind(
        "affiliations",
        "How people belong to companies beside their job.",
        (
            PERSON,
            Column("company_id", "The company.", ident, True, "Company"),
            Column("kind", "How.", one_of(Affiliation), True),
            Column("strength", "Default medium.", strength),
        ),
        facts=lambda row: [
            FactSaid(
                "AFFILIATED_WITH",
                row["person_id"],
                row["company_id"],
                (row["person_id"], row["company_id"], row["kind"]),
                {"kind": row["kind"], "strength": STRENGTHS["medium"] if row["strength"] is None else row["strength"]},
                "affiliations",
            )
        ],
        ends={"AFFILIATED_WITH": ("person_id", "company_id")},
    ),
    Kind(
        "opportunities",
        "Deals that may come.",
        (
            Column("opportunity_id", "Its id.", ident, True),
            Column("company_id", "The account.", ident, True, "Company"),
            Column("name", "Its name.", ident),
            Column("product_id", "The product.", ident, ref="Product"),
            Column("group_id", "Its buying group; default: one of its own.", ident, ref="BuyingGroup"),
            Column("stage", "Stage as written.", text),
            Column("amount", "For how much.", number),
            Column("currency", "ISO 4217 code.", text),
            Column("opened_on", "When it was opened.", start),
            Column("close_on", "When it is to close.", start),
            Column("outcome", "Default open.", one_of(Outcome)),
            Column("competitor_ids", "Competitors seen in it.", listed, ref="Company"),
            Column("owner_id", "Who of us owns it.", ident, ref="Person"),
        ),
        identifies="opportunity_id",
        label="Opportunity",
        props=lambda row: only(row, "company_id name product_id group_id currency opened_on outcome competitor_ids"),
        more=lambda row: [] if row["group_id"] else [ThingSaid("BuyingGroup", row["opportunity_id"], only(row, "company_id name product_id"))],
        facts=lambda row: dated_values("Opportunity", row["opportunity_id"], "opportunities", row),
        ends={"OPPORTUNITY_VALUE": ("opportunity_id", "")},
    ),
    Kind(
        "bantc",
        "Budget, authority, need, timing, competition of an opportunity.",
        (
            Column("opportunity_id", "The opportunity.", ident, True, "Opportunity"),
            Column("field", "Which of the five.", one_of(BANTC), True),
            Column("state", "How well it is known.", one_of(Evidence), True),
            Column("value", "What is known.", text),
            Column("at", "When it was said.", start),
            Column("said_by_id", "Who said it.", ident, ref="Person"),
        ),
        facts=_bantc,
        ends={"OPPORTUNITY_VALUE": ("opportunity_id", "field")},
    ),
    Kind(
        "tags",
        "Tags on people and companies.",
        (
            Column("person_id", "The person.", ident, ref="Person"),
            Column("company_id", "Or the company.", ident, ref="Company"),
            Column("tag", "The tag.", ident, True),
            Column("cause", "Why.", text),
            Column("weight", "How much.", number),
            Column("at", "When it was put.", start),
            Column("expires_on", "No longer from then on.", end),
        ),
        needs_one=("person_id", "company_id"),
        more=lambda row: [ThingSaid("Tag", row["tag"], {})],
        facts=lambda row: [
            FactSaid(
                type_,
                row[who],
                row["tag"],
                _tagging(row, who),
                only(row, "cause weight at expires_on"),
                "tags",
            )
            for type_, who in (("TAGGED", "person_id"), ("COMPANY_TAGGED", "company_id"))
            if row[who]
        ],
        ends={"TAGGED": ("person_id", "tag"), "COMPANY_TAGGED": ("company_id", "tag")},
        lasting=True,
    ),
    Kind(
        "events",
        "News about companies and people.",
        (
            Column("event_id", "Its id.", ident, True),
            Column("at", "When.", start, True),
            Column("kind", "What kind of news.", one_of(EventKind), True),
            Column("company_ids", "Which companies.", listed, ref="Company"),
            Column("person_ids", "Which people.", listed, ref="Person"),
            Column("title", "Headline.", text),
            Column("url", "Where it stands.", text),
        ),
        identifies="event_id",
        label="Event",
        props=lambda row: only(row, "at kind title url"),
        facts=lambda row: [
            FactSaid(type_, row["event_id"], id_, (row["event_id"], id_), {}, "events")
            for type_, column in (("HAPPENED_AT", "company_ids"), ("INVOLVES", "person_ids"))
            for id_ in row[column] or []
        ],
        ends={"HAPPENED_AT": ("event_id", "company_ids"), "INVOLVES": ("event_id", "person_ids")},
        lasting=True,
    ),
    Kind(
        "territories",
        "Sales territories.",
        (
            Column("territory_id", "Its id.", ident, True),
            Column("name", "Its name.", ident, True),
            Column("level", "Its size.", one_of(TerritoryLevel)),
            Column("parent_id", "The territory around it.", ident, ref="Territory"),
        ),
        identifies="territory_id",
        label="Territory",
        props=lambda row: only(row, "name level parent_id"),
    ),
    Kind(
        "grants",
        "What principals may see and do.",
        (
            Column("principal", "Who.", ident, True),
            Column("role", "What.", one_of(GrantRole), True),
            Column("territory_id", "Where; none for everywhere.", ident, ref="Territory"),
        ),
        apart=("principal", "role", "territory_id"),
        rows_are="Grant",
        more=lambda row: [
            ThingSaid("Grant", f"{row['principal']} {row['role']} {row['territory_id'] or ''}".strip(), only(row, "principal role territory_id"))
        ],
    ),
)

KIND = {kind.name: kind for kind in KINDS}
