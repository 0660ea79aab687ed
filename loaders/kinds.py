"""The kinds of canonical files, each declared once. Readers, checks, the writer and docs/loading.md derive from this."""

import copyreg
import hashlib
import re
from collections.abc import Iterable, Sequence
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
    Columns,
    FactSaid,
    Fixed,
    InfluenceSaid,
    Kind,
    Made,
    Source,
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
    same,
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


PRINCIPAL = "principal"
RENAMED = {"level": "job_level", "on": "bought_on"}
"""Columns whose property bears another name."""


JOB_VALUES: dict[str, Source] = {RENAMED.get(column.name, column.name): column.name for column in JOB}


def _solid(**more: Any) -> FactSaid:
    """The solid manager of a person is one timeline, whichever file says it."""
    line = Fixed(Line.SOLID.value)
    return FactSaid("REPORTS_TO", "person_id", "manager_id", ("person_id", line), {"line": line}, "reporting", **more)


def _or(values: Iterable[Any], default: Any) -> list[Any]:
    """Values with a default for those that are missing."""
    return [default if value is None else value for value in values]


def _company_cells(given: Columns) -> dict[str, Sequence[Any]]:
    """The default group that a company has as an account, and the one that it has unless the graph knows better."""
    pairs = list(zip(given["company_id"], given["kinds"], strict=True))
    account = CompanyKind.ACCOUNT.value
    return {
        "account": [id_ if account in (kinds or ()) else None for id_, kinds in pairs],
        "perhaps": [None if kinds else id_ for id_, kinds in pairs],
    }


def _company_aliases(given: Columns) -> Iterable[list[str]]:
    for aliases, identifiers, page in zip(given["aliases"], given["identifiers"], given["domain"], strict=True):
        yield [*(aliases or ()), *(identifiers or ()), *([f"{URL}{page}"] if page else ())]


def _person_aliases(given: Columns) -> Iterable[list[str]]:
    names = ("aliases", "identifiers", "emails", "phones", "linkedin_url")
    for aliases, identifiers, mails, numbers, url in zip(*(given[name] for name in names), strict=True):
        yield [
            *(aliases or ()),
            *(identifiers or ()),
            *(f"{MAIL}{mail.lower()}" for mail in mails or ()),
            *(f"{PHONE}{given_number}" for given_number in numbers or ()),
            *([f"{URL}{url.lower()}"] if url else ()),
        ]


def _influence(given: Columns) -> dict[str, Sequence[Any]]:
    """Who sways whom: of FOLLOWS it is the other way round."""
    kinds = _or(given["kind"], Influence.ADVISES.value)
    turned = [kind == InfluenceSaid.FOLLOWS for kind in kinds]
    ends = list(zip(given["from_id"], given["to_id"], turned, strict=True))
    return {
        "kind": [Influence.ADVISES.value if back else kind for kind, back in zip(kinds, turned, strict=True)],
        "strength": _or(given["strength"], STRENGTHS["medium"]),
        "source_id": [second if back else first for first, second, back in ends],
        "target_id": [first if back else second for first, second, back in ends],
    }


NEEDS_GROUP = ("group_id", "opportunity_id", "company_id")


def _group(given: Columns) -> dict[str, Sequence[Any]]:
    """The group that a role or membership names: an account's default group bears the account's id, an opportunity's own the opportunity's."""
    scopes = list(zip(*(given[name] for name in NEEDS_GROUP), strict=True))
    named = [group or opportunity or company for group, opportunity, company in scopes]
    return {"in_group": named, "default_group": [company if group == company else None for group, (_, _, company) in zip(named, scopes, strict=True)]}


INSTANTS = (ValueField.CLOSE_ON, ValueField.CONSENT_UNTIL)


def _told(value: Any) -> str:
    return written(value) if isinstance(value, float) else str(value)


def _moment(value: int) -> str:
    return at_moment(value).isoformat()


def _numeric(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


DATED = {
    "Company": {ValueField.TIER: "tier"},
    "Person": {ValueField.CONSENT_UNTIL: "consent_until"},
    "Opportunity": {ValueField.STAGE: "stage", ValueField.AMOUNT: "amount", ValueField.CLOSE_ON: "close_on", ValueField.OWNER: "owner_id"},
}
"""Label -> the dated values that a row tells of its own thing -> their column."""


def _dated(label: str, id_: str, filed: str) -> tuple[FactSaid, ...]:
    """The dated values of a row's own thing."""
    made = []
    for of, column in DATED[label].items():
        field = Fixed(of.value)
        values: dict[str, Source] = {"value": Made(column, _moment if of in INSTANTS else _told), "number": Made(column, _numeric)}
        made.append(FactSaid(f"{label.upper()}_VALUE", id_, field, (id_, field), values, filed, filled=column))
    return tuple(made)


def _part(person: str, part: Source, each: str | None = None) -> FactSaid:
    """Who took part in what is one fact, whichever file says it."""
    return FactSaid("TOOK_PART", person, "interaction_id", (person, "interaction_id", part), {"part": part}, "participants", each=each)


def _identity(given: Columns) -> list[str]:
    """An interaction without an id is known by type, UTC minute and people (method.md 5.0)."""
    ids: list[str] = []
    for id_, type_, at, sender, receivers in zip(*(given[name] for name in ("interaction_id", "type", "at", "from_id", "to_ids")), strict=True):
        if id_:
            ids.append(id_)
        else:
            people = sorted({*([sender] if sender else ()), *(receivers or ())})
            parts = (type_, str(at // 60_000_000), *people)
            ids.append(hashlib.blake2b("\x1f".join(parts).encode(), digest_size=12).hexdigest())
    return ids


MACHINES = re.compile(
    r"(^|:)(no[-_.]?reply|do[-_.]?not[-_.]?reply|mailer[-_.]?daemon|postmaster|bounces?|notifications?|newsletters?|alerts?|auto[-_.]?(reply|confirm))"
    r"([-+_.][^@]*)?@",
    re.IGNORECASE,
)
"""Senders that are nobody: the names before the @ by which machines write."""
OPENINGS = frozenset({"article", "page_view", "watch"})
SHORTEST_OPENING = 2 / 60
"""Minutes; scanners and crawlers open for less (method.md 5.0)."""


def _noise(given: Columns) -> list[str | None]:
    """Marks broadcasts and bots that no source has marked."""
    made: list[str | None] = []
    for noise, type_, minutes, sender, receivers in zip(*(given[name] for name in ("noise", "type", "minutes", "from_id", "to_ids")), strict=True):
        opened = minutes if type_ in OPENINGS else None
        if noise:
            made.append(noise)
        elif (sender and MACHINES.search(sender)) or (opened is not None and opened < SHORTEST_OPENING):
            made.append(Noise("bot").value)
        elif receivers and len(set(receivers)) > DEFAULTS.largest:
            made.append(Noise("broadcast").value)
        else:
            made.append(None)
    return made


def _grant(given: Columns) -> dict[str, Sequence[Any]]:
    parts = zip(given[PRINCIPAL], given["role"], given["territory_id"], strict=True)
    return {"grant_id": [f"{principal} {role} {territory or ''}".strip() for principal, role, territory in parts]}


def _template(given: Columns) -> dict[str, Sequence[Any]]:
    return {"wanted_id": [f"{template} {role}" for template, role in zip(given["template_id"], given["role"], strict=True)]}


def _tagged(type_: str, who: str) -> FactSaid:
    return FactSaid(type_, who, "tag", (who, "tag", "cause", "at"), same("cause weight at expires_on"), "tags")


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
            Column("not_same_as", "Declared to be another company, whatever looks alike.", listed, ref="Company"),
        ),
        identifies="company_id",
        label="Company",
        props=same(
            "name kinds aliases domain industry country province city district employees annual_revenue currency market_potential value "
            "value_circle registration_no tags territory_id"
        ),
        aliases=_company_aliases,
        not_same="not_same_as",
        derive=_company_cells,
        things=(
            ThingSaid("BuyingGroup", "account", {"company_id": "account"}, implied=True),
            ThingSaid("BuyingGroup", "perhaps", {"company_id": "perhaps"}, implied=True, unless_known="Company"),
        ),
        facts=(
            FactSaid("SUBSIDIARY_OF", "company_id", "parent_id", ("company_id",), {}, "companies"),
            FactSaid("MANAGES_ACCOUNT", "owner_id", "company_id", ("company_id",), {}, "companies"),
            *_dated("Company", "company_id", "companies"),
        ),
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
            Column("legal_basis", "Why we may keep the data, such as `consent`; some bar contact, see privacy.md.", text),
            Column("consent_until", "Until when consent holds.", end),
            Column("value_circle", "How far their worth to us reaches.", one_of(ValueCircle)),
            Column("tags", "Tags.", listed),
            Column("not_same_as", "Declared to be another person, whatever looks alike.", listed, ref="Person"),
        ),
        identifies="person_id",
        label="Person",
        props={**same("name aliases language location do_not_contact legal_basis value_circle tags"), "anonymous": Fixed(False)},
        aliases=_person_aliases,
        not_same="not_same_as",
        facts=(
            FactSaid("WORKS_AT", "person_id", "company_id", ("person_id",), JOB_VALUES, "people"),
            _solid(),
            *_dated("Person", "person_id", "people"),
        ),
        ends={"WORKS_AT": ("person_id", "company_id"), "PERSON_VALUE": ("person_id", "")},
        emptied={"manager_id": _solid()},
    ),
    Kind(
        "employments",
        "Jobs, past and present.",
        (PERSON, Column("company_id", "The employer.", ident, True, "Company"), *JOB),
        facts=(FactSaid("WORKS_AT", "person_id", "company_id", ("person_id", "company_id", "title", "department"), JOB_VALUES, "employments"),),
        ends={"WORKS_AT": ("person_id", "company_id")},
    ),
    Kind(
        "reporting",
        "Who has whom as manager.",
        (PERSON, Column("manager_id", "The manager.", ident, True, "Person"), Column("line", "Default SOLID.", one_of(Line))),
        derive=lambda given: {"line": _or(given["line"], Line.SOLID.value)},
        facts=(
            _solid(where={"line": Line.SOLID.value}),
            FactSaid(
                "REPORTS_TO",
                "person_id",
                "manager_id",
                ("person_id", "manager_id", "line"),
                same("line"),
                "reporting",
                where={"line": Line.DOTTED.value},
            ),
        ),
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
        props=same("company_id name product_id template_id"),
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
        derive=lambda given: {**_group(given), "role_confidence": _or(given["role_confidence"], 1.0)},
        things=(ThingSaid("BuyingGroup", "default_group", {"company_id": "default_group"}, implied=True),),
        facts=(
            FactSaid("HAS_ROLE_IN", "person_id", "in_group", ("person_id", "in_group", "role"), same("role role_confidence authority step"), "roles"),
        ),
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
        derive=_group,
        things=(ThingSaid("BuyingGroup", "default_group", {"company_id": "default_group"}, implied=True),),
        facts=(FactSaid("MEMBER_OF", "person_id", "in_group", ("person_id", "in_group"), same("stance power goals concerns author_id"), "members"),),
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
        derive=_influence,
        facts=(
            FactSaid("INFLUENCES", "source_id", "target_id", ("source_id", "target_id", "kind", "topic"), same("kind strength topic"), "influence"),
        ),
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
        derive=_template,
        things=(ThingSaid("TemplateRole", "wanted_id", same("template_id role weight semantics min_members step theme_en theme_zh")),),
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
        props=same("name filter template_id"),
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
        props=same("name company_id category launched_on"),
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
        props=same("name type starts_at ends_at topics product_ids organiser_ids"),
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
        props=same(
            "type at status campaign_id product_id company_id topic subject direction minutes location severity noise "
            "utm_source utm_medium utm_campaign"
        ),
        facts=(
            _part("from_id", Fixed(Part.SENDER.value)),
            _part("to_ids", Fixed(Part.RECIPIENT.value), each="to_ids"),
        ),
        derive=lambda given: {"interaction_id": _identity(given), "noise": _noise(given)},
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
        derive=lambda given: {"part": _or(given["part"], Part.ATTENDEE.value)},
        facts=(_part("person_id", "part"),),
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
        facts=(
            FactSaid(
                "USES", "company_id", "product_id", ("company_id", "product_id"), same("seats seat_share verified_on renewal_on satisfaction"), "uses"
            ),
        ),
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
        facts=(
            FactSaid(
                "BOUGHT", "company_id", "product_id", ("purchase_id",), {**same("purchase_id amount currency"), RENAMED["on"]: "on"}, "purchases"
            ),
        ),
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
        facts=tuple(
            FactSaid(
                link.value,
                "from_id",
                "to_id",
                ("from_id", "to_id", "product_id"),
                same("product_id"),
                "company_links",
                where={"kind": link.value},
            )
            for link in CompanyLink
        ),
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
        derive=lambda given: {"strength": _or(given["strength"], STRENGTHS["medium"])},
        facts=(FactSaid("AFFILIATED_WITH", "person_id", "company_id", ("person_id", "company_id", "kind"), same("kind strength"), "affiliations"),),
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
        props=same("company_id name product_id group_id currency opened_on outcome competitor_ids"),
        also=("BuyingGroup", "opportunity_id", "group_id"),
        derive=lambda given: {
            "own_group": [None if group else own for group, own in zip(given["group_id"], given["opportunity_id"], strict=True)],
        },
        things=(ThingSaid("BuyingGroup", "own_group", same("company_id name product_id")),),
        facts=_dated("Opportunity", "opportunity_id", "opportunities"),
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
        facts=(
            FactSaid(
                "OPPORTUNITY_VALUE",
                "opportunity_id",
                "field",
                ("opportunity_id", "field"),
                {"value": Made("value", lambda value: value or ""), **same("state at said_by_id")},
                "bantc",
            ),
        ),
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
        things=(ThingSaid("Tag", "tag"),),
        facts=(_tagged("TAGGED", "person_id"), _tagged("COMPANY_TAGGED", "company_id")),
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
        props=same("at kind title url"),
        facts=tuple(
            FactSaid(type_, "event_id", column, ("event_id", column), {}, "events", each=column)
            for type_, column in (("HAPPENED_AT", "company_ids"), ("INVOLVES", "person_ids"))
        ),
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
        props=same("name level parent_id"),
    ),
    Kind(
        "grants",
        "What principals may see and do.",
        (
            Column(PRINCIPAL, "Who: an id of theirs, such as their mailbox.", ident, True),
            Column("role", "What.", one_of(GrantRole), True),
            Column("territory_id", "Where; none for everywhere.", ident, ref="Territory"),
            Column("ends_on", "Grants nothing from then on; none: on and on.", end),
        ),
        apart=(PRINCIPAL, "role", "territory_id"),
        rows_are="Grant",
        derive=_grant,
        things=(ThingSaid("Grant", "grant_id", {**same("principal role territory_id"), "ends_at": "ends_on"}),),
    ),
)

KIND = {kind.name: kind for kind in KINDS}


def _named(name: str) -> Kind:
    return KIND[name]


# Kinds hold functions, which cannot travel to another process; their names can.
copyreg.pickle(Kind, lambda kind: (_named, (kind.name,)))
