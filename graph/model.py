"""Every label, relationship type and property, with a sentence each: THE vocabulary.

Constraints, indexes, upserts, the loaders' checks and docs/model.md are written from these declarations.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from graph.worded import Worded

SCHEMA_VERSION = 10
SCHEMA_OLDEST = 6
"""What older ones loaded tells its facts apart otherwise, so that the same files would stand twice; it has no `since` and no `KNOWS`."""
NAMES_SINCE = 9
"""Records of older graphs do not show the names by which they are found: these are written when the graph is opened."""
KEYS_SINCE = 10
"""Match keys of older graphs are nodes that name their records: each record gets its own when the graph is opened."""


class BuyingRole(Worded):
    """What a person does in a purchase."""

    DECISION_MAKER = "DECISION_MAKER", "Decides what is bought."
    ECONOMIC_BUYER = "ECONOMIC_BUYER", "Holds the money and releases it."
    EXECUTIVE_SPONSOR = "EXECUTIVE_SPONSOR", "Stands behind the purchase at the top."
    CHAMPION = "CHAMPION", "Speaks for us inside."
    INFLUENCER = "INFLUENCER", "Is heard by those who decide."
    TECHNICAL_EVALUATOR = "TECHNICAL_EVALUATOR", "Judges whether it fits and works."
    IMPLEMENTER = "IMPLEMENTER", "Will bring it into use."
    END_USER = "END_USER", "Will work with it."
    PROCUREMENT = "PROCUREMENT", "Negotiates and buys."
    LEGAL_COMPLIANCE = "LEGAL_COMPLIANCE", "Looks at contracts and rules."
    GATEKEEPER = "GATEKEEPER", "Lets others reach those who decide, or does not."
    INITIATOR = "INITIATOR", "Had the need first."
    OTHER = "OTHER", "Takes part in another way."


class Authority(Worded):
    """What a role may do to the decision."""

    NONE = "NONE", "Nothing: their word is heard."
    ADVISE = "ADVISE", "They advise who decides."
    APPROVE = "APPROVE", "Nothing goes on without their yes."
    VETO = "VETO", "They may stop it."


class Power(Worded):
    """Where a person stands in the account's politics."""

    OUTSIDE = "OUTSIDE", "Outside the politics: does what others decide."
    POLITICAL = "POLITICAL", "Moves within the politics and is heard in them."
    INNER_CIRCLE = "INNER_CIRCLE", "One of the few who settle what is done."


TIERS = (1, 2, 3)
"""How much an account matters to us, the most first."""


class Semantics(StrEnum):
    """Whether one holder of a role is enough, or a panel decides."""

    ANY = "any"
    ALL = "all"


class Line(Worded):
    """A reporting line: solid on the chart, or dotted beside it."""

    SOLID = "SOLID", "The line of the chart: this manager decides about them."
    DOTTED = "DOTTED", "Beside the chart: they work to this manager too."


class Influence(Worded):
    """How one person sways another."""

    ADVISES = "ADVISES", "Their word is sought."
    OPPOSES = "OPPOSES", "They work against the other."


class CompanyKind(Worded):
    """What a company is to us; several may hold."""

    US = "us", "One of our own companies."
    ACCOUNT = "account", "A company that we sell to, or want to."
    PARTNER = "partner", "Markets or sells with us."
    COMPETITOR = "competitor", "Sells against us."
    VENDOR = "vendor", "Sells to others what is not against us."
    MEDIA = "media", "Publishes."
    ASSOCIATION = "association", "An association or a body of a trade."


class ValueCircle(Worded):
    """How far the worth of a company or a person to us reaches."""

    BUSINESS = "business", "The one business that they do with us."
    ORGANISATION = "organisation", "All of their organisation."
    INDUSTRY = "industry", "Their industry."
    NATIONAL = "national", "The whole country."


class Part(StrEnum):
    """What a person did in an interaction."""

    SENDER = "SENDER"
    RECIPIENT = "RECIPIENT"
    ORGANISER = "ORGANISER"
    ATTENDEE = "ATTENDEE"
    SPEAKER = "SPEAKER"
    GIVER = "GIVER"
    RECEIVER = "RECEIVER"


class Channel(Worded):
    """A way of being in touch; the order is that of all arrays of channels."""

    MEETING = "meeting", "Face to face, or by video."
    CALL = "call", "By telephone."
    MESSAGE = "message", "Mail, chat or letter."
    ATTENDANCE = "attendance", "They attended the same event."
    INTRODUCTION = "introduction", "Somebody brought them together."
    SOCIAL = "social", "In a social network."


class CompanyLink(Worded):
    """How one company stands to another; each is an edge type."""

    SERVES = "SERVES", "The first serves the second."
    RESELLS = "RESELLS", "The first resells for the second."
    PARTNERS_WITH = "PARTNERS_WITH", "They work together."
    COMPETES_WITH = "COMPETES_WITH", "They sell against each other."
    SUPPLIES = "SUPPLIES", "The first supplies the second."


class Outcome(Worded):
    """Where an opportunity ended."""

    OPEN = "open", "Not decided yet."
    WON = "won", "They bought from us."
    LOST = "lost", "They did not."


class GrantRole(StrEnum):
    """What a principal may do; each may also what those before it may."""

    VIEWER = "viewer"
    EDITOR = "editor"
    STEWARD = "steward"


class Opens(StrEnum):
    """What a key opens."""

    GRANTED = "granted"
    METRICS = "metrics"


class ValueField(Worded):
    """Which dated value of a thing."""

    TIER = "TIER", "How much an account matters to us, 1 the most."
    CONSENT_UNTIL = "CONSENT_UNTIL", "Until when a person agreed to be contacted."
    STAGE = "STAGE", "How far a deal has come."
    AMOUNT = "AMOUNT", "What a deal is worth."
    CLOSE_ON = "CLOSE_ON", "The day on which a deal is to be decided."
    OWNER = "OWNER", "Who of us leads a deal."
    BUDGET = "BUDGET", "Whether there is money."
    AUTHORITY = "AUTHORITY", "Whether who can decide is in it."
    NEED = "NEED", "Whether there is a need."
    TIMING = "TIMING", "Whether there is a time by which it is needed."
    COMPETITION = "COMPETITION", "Who else is in it."


def enumeration(name: str, doc: str, values: str) -> type[StrEnum]:
    """A set of plain words that no other code names one by one."""
    made = StrEnum(name, {word.upper(): word for word in values.split()})  # type: ignore[misc]
    made.__doc__ = doc
    return made


InteractionType = enumeration(
    "InteractionType",
    "What happened between people.",
    "meeting visit call message registration check_in attendance download article page_view watch trial certificate question introduction social "
    "survey intent ticket unsubscribe",
)
InteractionStatus = enumeration("InteractionStatus", "Whether it took place.", "planned held cancelled no_show open accepted declined")
Noise = enumeration("Noise", "Why an interaction counts for nothing: sent to many at once, or made by a machine.", "broadcast bot")
Direction = enumeration("Direction", "Towards us or from us.", "in out")
CampaignType = enumeration("CampaignType", "What kind of campaign.", "event webinar paper article community course exhibition mailing")
Affiliation = enumeration("Affiliation", "How a person belongs to a company beside a job.", "advisor speaker board member alumni certificate author")
Evidence = enumeration("Evidence", "How well something is known.", "unknown assumed stated verified")
EventKind = enumeration("EventKind", "News about companies and people.", "leadership_change reorganisation policy funding tender incident")
TerritoryLevel = enumeration("TerritoryLevel", "Size of a territory.", "province city district")


@dataclass(frozen=True, slots=True)
class Prop:
    """One property: name, Cypher type, a sentence, whether it is always there, what it is where nobody says it, and of what it is an id.

    ``ref`` is set where that may turn out to be one with another: then the id is the entity's, and the property beside it what the source wrote.
    """

    name: str
    type: str
    doc: str
    required: bool = False
    default: Any = None
    ref: str | None = None


def written_as(name: str) -> str:
    """The property that holds a reference as the source wrote it: ``company_id`` -> ``company_ref``."""
    return re.sub("_id(s?)$", r"_ref\1", name)


def refers(name: str, label: str, doc: str, *, required: bool = False) -> tuple[Prop, Prop]:
    """The id of something of ``label``, or ids, and what the source wrote."""
    type_ = "LIST<STRING>" if name.endswith("s") else "STRING"
    return (
        Prop(name, type_, doc, required, ref=label),
        Prop(written_as(name), type_, f"What the source wrote for `{name}`, where that is another id of the same."),
    )


@dataclass(frozen=True, slots=True)
class Node:
    """A label with its properties, what makes one node unique, what else is looked up by, and in which texts people search.

    ``markers`` are further labels that follow from its ``kinds``, ``found`` those that follow from facts. By each item of a list that is ``itemised``
    nodes are found, as it stands.
    """

    label: str
    doc: str
    props: tuple[Prop, ...]
    key: tuple[str, ...] = ("id",)
    indexed: tuple[str, ...] = ()
    markers: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    searched: tuple[str, ...] = ()
    itemised: tuple[str, ...] = ()

    @property
    def refers(self) -> dict[str, str]:
        """Property -> label of what it names, where that may turn out to be one with another."""
        return {prop.name: prop.ref for prop in self.props if prop.ref}

    @property
    def defaults(self) -> dict[str, Any]:
        """What its properties are where nobody says it."""
        return {prop.name: prop.default for prop in self.props if prop.default is not None}

    @property
    def search_index(self) -> str:
        """The name of its full-text index."""
        return f"{self.label.lower()}_search"

    def item_index(self, name: str) -> str:
        """The name of the full-text index of the items of a list."""
        return f"{self.label.lower()}_{name}"


@dataclass(frozen=True, slots=True)
class Edge:
    """A relationship type, read from ``source`` to ``target``. Those of ``EDGES`` are facts: they carry the two clocks."""

    type: str
    source: str
    target: str
    doc: str
    props: tuple[Prop, ...] = ()
    indexed: tuple[str, ...] = ()

    @property
    def refers(self) -> dict[str, str]:
        """Property -> label of what it names beside the ends, always as the source wrote it."""
        return {prop.name: prop.ref for prop in self.props if prop.ref}

    @property
    def pattern(self) -> str:
        """The edge as Cypher draws it."""
        return f"(:{self.source})-[:{self.type}]->(:{self.target})"


FACT = (
    Prop("key", "STRING", "Short hash of what tells this fact from others of its type, source included.", True),
    Prop("digest", "INTEGER", "64-bit hash over its values, bounds left out.", True),
    Prop("valid_from", "INTEGER", "True in the world from this instant on.", True),
    Prop("valid_to", "INTEGER", "True in the world until just before this instant.", True),
    Prop("recorded_at", "INTEGER", "Known to us from this instant on.", True),
    Prop("retracted_at", "INTEGER", "Known to us until just before this instant.", True),
    Prop("origin", "STRING", "source/kind that says it.", True),
    Prop("confidence", "FLOAT", "How sure the source is, 0 to 1.", True),
    Prop("load_id", "STRING", "The load that wrote it.", True),
    Prop("from_ref", "STRING", "The source's own reference of the start.", True),
    Prop("to_ref", "STRING", "The source's own reference of the end.", True),
)


@lru_cache
def source_of(origin: str) -> str:
    """The source of an origin ``source/kind``."""
    return origin.rpartition("/")[0]


ID = Prop("id", "STRING", "The first id under which it became known.", True)
DIGEST = Prop("digest", "INTEGER", "64-bit hash of its values; none where nobody speaks of it any more, 0 while a load is under way that does again.")
SINCE = Prop("since", "INTEGER", "Known to us from this instant on: that of the load that spoke of it first, or what its rows say.", True)

NODES = (
    Node(
        "Company",
        "Any organisation: an account, one of ours, a partner, a competitor.",
        (
            ID,
            DIGEST,
            SINCE,
            Prop("name", "STRING", "Trading or legal name.", True),
            Prop("kinds", "LIST<STRING>", "What it is to us; the markers say the same as labels.", True, [CompanyKind.ACCOUNT.value]),
            Prop("aliases", "LIST<STRING>", "Other names."),
            Prop("domain", "STRING", "Web domain, lower case."),
            Prop("industry", "STRING", "Industry as the source writes it."),
            Prop("country", "STRING", "Country."),
            Prop("province", "STRING", "Province or state."),
            Prop("city", "STRING", "City."),
            Prop("district", "STRING", "District."),
            Prop("territory_id", "STRING", "Its smallest sales territory, empty for none.", True, ""),
            Prop("employees", "INTEGER", "Head count."),
            Prop("annual_revenue", "FLOAT", "Yearly revenue in `currency`."),
            Prop("currency", "STRING", "ISO 4217 code."),
            Prop("market_potential", "FLOAT", "What could be sold there in a year, in `currency`."),
            Prop("value", "FLOAT", "Worth to us, 0 to 1."),
            Prop("value_circle", "STRING", "ValueCircle."),
            Prop("registration_no", "STRING", "Number in the trade register."),
            Prop("tags", "LIST<STRING>", "Tags typed by a person."),
        ),
        indexed=("name", "territory_id"),
        markers=("Us", "Account", "Partner", "Competitor"),
        searched=("name", "aliases"),
    ),
    Node(
        "Person",
        "Anyone: a contact, a colleague of ours, an opinion leader.",
        (
            ID,
            DIGEST,
            SINCE,
            Prop("name", "STRING", "Full name.", True),
            Prop("anonymous", "BOOLEAN", "Known only by an identifier that an interaction named."),
            Prop("aliases", "LIST<STRING>", "Other names."),
            Prop("language", "STRING", "Language they prefer."),
            Prop("location", "STRING", "Where they work."),
            Prop("do_not_contact", "BOOLEAN", "They opted out: shown, never recommended."),
            Prop("legal_basis", "STRING", "Why we may keep the data, and so whether they may be contacted: see privacy.md."),
            Prop("value_circle", "STRING", "ValueCircle."),
            Prop("tags", "LIST<STRING>", "Tags typed by a person."),
        ),
        indexed=("name",),
        searched=("name", "aliases"),
    ),
    Node(
        "BuyingGroup",
        "The people who decide at one account about one product; the default one bears the company's id.",
        (
            ID,
            DIGEST,
            SINCE,
            *refers("company_id", "Company", "The account.", required=True),
            Prop("name", "STRING", "Its name; none for the default group."),
            Prop("product_id", "STRING", "The product decided about."),
            Prop("template_id", "STRING", "The role template it follows."),
        ),
        indexed=("company_id",),
    ),
    Node(
        "Product",
        "What is sold, by us or by others.",
        (
            ID,
            DIGEST,
            SINCE,
            Prop("name", "STRING", "Its name.", True),
            *refers("company_id", "Company", "Who sells it.", required=True),
            Prop("category", "STRING", "What kind of product."),
            Prop("launched_on", "INTEGER", "Instant of its launch."),
        ),
        indexed=("name", "company_id"),
    ),
    Node(
        "Opportunity",
        "A deal that may come; stage, amount, close date and owner are dated values.",
        (
            ID,
            DIGEST,
            SINCE,
            *refers("company_id", "Company", "The account.", required=True),
            Prop("name", "STRING", "Its name."),
            Prop("product_id", "STRING", "The product."),
            *refers("group_id", "BuyingGroup", "The buying group; without one it has a group of its own id."),
            Prop("currency", "STRING", "ISO 4217 code of its amounts."),
            Prop("opened_on", "INTEGER", "Instant of its opening."),
            Prop("outcome", "STRING", "Outcome.", True, Outcome.OPEN.value),
            *refers("competitor_ids", "Company", "Competitors seen in it."),
        ),
        indexed=("name", "company_id"),
        searched=("name",),
    ),
    Node(
        "Campaign",
        "Something planned for many: an event, a paper, a course.",
        (
            ID,
            DIGEST,
            SINCE,
            Prop("name", "STRING", "Its name.", True),
            Prop("type", "STRING", "CampaignType.", True),
            Prop("starts_at", "INTEGER", "Its first instant."),
            Prop("ends_at", "INTEGER", "The instant after its last."),
            Prop("topics", "LIST<STRING>", "About what."),
            Prop("product_ids", "LIST<STRING>", "For which products."),
            *refers("organiser_ids", "Company", "Who organises it."),
        ),
        indexed=("name",),
        searched=("name",),
    ),
    Node(
        "Interaction",
        "Something that happened between people.",
        (
            ID,
            DIGEST,
            SINCE,
            Prop("type", "STRING", "InteractionType.", True),
            Prop("at", "INTEGER", "When.", True),
            Prop("status", "STRING", "InteractionStatus.", True, "held"),
            Prop("campaign_id", "STRING", "The campaign to which it belongs."),
            Prop("product_id", "STRING", "The product about which it was."),
            *refers("company_id", "Company", "The company at which it was."),
            Prop("topic", "STRING", "About what."),
            Prop("subject", "STRING", "Its subject line."),
            Prop("direction", "STRING", "Direction."),
            Prop("minutes", "FLOAT", "How long."),
            Prop("location", "STRING", "Where."),
            Prop("severity", "STRING", "Of a ticket."),
            Prop(
                "noise",
                "STRING",
                "Noise: broadcasts and bots count in no relationship and no score. What was sent to more than 50, as only its participants tell, "
                "bears the label Broadcast.",
            ),
            Prop("utm_source", "STRING", "Web source."),
            Prop("utm_medium", "STRING", "Web medium."),
            Prop("utm_campaign", "STRING", "Web campaign."),
        ),
        indexed=("at", "campaign_id", "company_id"),
        found=("Broadcast",),
    ),
    Node(
        "Event",
        "News about companies and people.",
        (
            ID,
            DIGEST,
            SINCE,
            Prop("at", "INTEGER", "When.", True),
            Prop("kind", "STRING", "EventKind.", True),
            Prop("title", "STRING", "Headline."),
            Prop("url", "STRING", "Where it stands."),
        ),
        indexed=("at",),
    ),
    Node("Tag", "A word that people or systems put on people and companies.", (ID, DIGEST, SINCE)),
    Node(
        "Territory",
        "A sales territory.",
        (
            ID,
            DIGEST,
            SINCE,
            Prop("name", "STRING", "Its name.", True),
            Prop("level", "STRING", "TerritoryLevel."),
            Prop("parent_id", "STRING", "The territory around it."),
        ),
    ),
    Node(
        "Grant",
        "What a principal may see and do.",
        (
            ID,
            DIGEST,
            SINCE,
            Prop("principal", "STRING", "Who.", True),
            Prop("role", "STRING", "GrantRole.", True),
            Prop("territory_id", "STRING", "Where; none for everywhere."),
            Prop("ends_at", "INTEGER", "From this instant on it grants nothing; none: on and on."),
        ),
        indexed=("principal",),
    ),
    Node(
        "ApiKey",
        "A key by which requests show who makes them: no fact, in no load, known by its keyed hash alone.",
        (
            Prop("id", "STRING", "Its id, the first part of the key.", True),
            Prop("mark", "STRING", "The keyed hash of the whole key.", True),
            Prop("secret_id", "STRING", "Which secret keyed it.", True),
            Prop("principal", "STRING", "Whose it is; empty where that person was erased.", True),
            Prop(
                "opens",
                "STRING",
                "Opens: what is granted to its principal, also where it says nothing, or `/metrics` alone.",
            ),
            Prop("created_at", "INTEGER", "When it was made.", True),
            Prop("expires_at", "INTEGER", "From this instant on it opens nothing; open: until revoked.", True),
            Prop("revoked_at", "INTEGER", "From this instant on it opens nothing; open: not revoked.", True),
        ),
        indexed=("principal",),
    ),
    Node("Template", "A set of roles that a decision wants.", (ID, DIGEST, SINCE)),
    Node(
        "TemplateRole",
        "One role of a template.",
        (
            ID,
            DIGEST,
            SINCE,
            Prop("template_id", "STRING", "The template.", True),
            Prop("role", "STRING", "BuyingRole.", True),
            Prop("weight", "FLOAT", "Its share in coverage.", True),
            Prop("semantics", "STRING", "Semantics.", True, Semantics.ANY.value),
            Prop("min_members", "INTEGER", "Holders that fill it.", True, 1),
            Prop("step", "INTEGER", "Place in the order of approval."),
            Prop("theme_en", "STRING", "What to say to its holders, in English."),
            Prop("theme_zh", "STRING", "What to say to its holders, in Chinese."),
        ),
        indexed=("template_id",),
    ),
    Node(
        "Segment",
        "A named set of accounts.",
        (
            ID,
            DIGEST,
            SINCE,
            Prop("name", "STRING", "Its name.", True),
            Prop("filter", "STRING", "Terms `field=value,value` joined by `;`.", True),
            Prop("template_id", "STRING", "The template of its accounts."),
        ),
    ),
    Node("Field", "A dated value's name: the far end of the facts that hold its values.", (ID, DIGEST, SINCE)),
    Node(
        "Alias",
        "Another name of one thing: an external id, `mail:`, `phone:`, `url:`.",
        (
            Prop("name", "STRING", "The alias.", True),
            Prop("record", "STRING", "The record that brought it; its own id where the alias stands for a record of another entity.", True),
            Prop("label", "STRING", "The thing's label.", True),
            Prop("entity_id", "STRING", "The thing's id.", True),
        ),
        key=("name", "record", "label"),
        indexed=("name",),
    ),
    Node(
        "Record",
        "What one id says of a company or a person, whichever sources say it. Those that are one make an entity.",
        (
            Prop("id", "STRING", "The id.", True),
            Prop("label", "STRING", "Company or Person.", True),
            Prop("entity_id", "STRING", "Its entity; empty where nobody speaks of it any more and a decision names it still.", True),
            Prop("since", "INTEGER", "The number of the write that first spoke of it.", True),
            Prop("says", "STRING", "What all its rows say together, as far as it tells who it is: JSON.", True),
            Prop("names", "LIST<STRING>", "Its names, where its entity may show another one: several, or not alone."),
            Prop("keys", "LIST<STRING>", "Its match keys: two records are compared only where they share one. Short hashes of label and key."),
        ),
        key=("id", "label"),
        indexed=("entity_id",),
        searched=("names",),
        itemised=("keys",),
    ),
    Node(
        "Load",
        "One numbered write: a run of a loader.",
        (
            ID,
            Prop("revision", "INTEGER", "Its number.", True),
            Prop("source", "STRING", "Who says it.", True),
            Prop("sources", "LIST<STRING>", "Who says it, those included that its rows name.", True),
            Prop("kinds", "LIST<STRING>", "What it held.", True),
            Prop("as_of", "INTEGER", "When the files were true.", True),
            Prop("recorded_at", "INTEGER", "The instant that all its facts bear; above all before.", True),
            Prop("finished", "BOOLEAN", "Readers see a load only once it is finished.", True),
            Prop("finished_at", "INTEGER", "They see it from this instant on."),
            Prop("origins", "LIST<STRING>", "`TYPE source/kind` of the facts that it touches: what a broken load is taken back by.", True),
            Prop("complete", "LIST<STRING>", "Those of them of which it held all: what it does not name is absent.", True),
            Prop("emptied", "LIST<STRING>", "Those of them of which it says, one by one, that they are absent.", True),
            Prop("unloaded_at", "INTEGER", "Taken back at this instant."),
            Prop("undoes", "STRING", "The load that this one took back."),
            Prop("erasing", "LIST<STRING>", "The ids and aliases of a person whose erasure is under way; gone with it."),
            Prop(
                "letting_go", "LIST<STRING>", "`type instant`: interactions of these types before these instants are going for good; gone with them."
            ),
            Prop("erased", "BOOLEAN", "It erased a person, or let old interactions go: nothing takes it back."),
            Prop("by_hand", "BOOLEAN", "A person said it, in a mutation."),
            Prop("touched", "LIST<STRING>", "What it touched, as far as a snapshot is to know; none where that is too much to note."),
        ),
        indexed=("finished",),
    ),
    Node(
        "Said",
        "The journal: what one load said of one origin, packed, so that late loads and unloads can be folded anew; of KNOWS, the edges under way.",
        (
            ID,
            Prop("load_id", "STRING", "The load.", True),
            Prop("about", "STRING", "The type of the facts or the label of the things.", True),
            Prop("origin", "STRING", "source/kind.", True),
            Prop("rows", "BYTES", "Rows as compressed JSON.", True),
        ),
        indexed=("load_id", "about"),
    ),
    Node(
        "Lease",
        "Who may write now; there is one.",
        (
            ID,
            Prop("holder", "STRING", "host:process of the writer."),
            Prop("until", "INTEGER", "Milliseconds since 1970, on the database's clock."),
            Prop("spent", "INTEGER", "The highest number of a load that broke off and was taken back: no number is used twice."),
        ),
    ),
    Node(
        "Tombstone",
        "A keyed hash of an id or address of somebody who was erased: loads refuse what matches.",
        (ID, Prop("key_id", "STRING", "Which key: the same on every machine that loads.", True)),
    ),
    Node("Schema", "What this graph was written with.", (ID, Prop("version", "INTEGER", "Version of the model.", True))),
)

EDGES = (
    Edge(
        "WORKS_AT",
        "Person",
        "Company",
        "A job.",
        (
            Prop("title", "STRING", "Title as written."),
            Prop("department", "STRING", "Department as written."),
            Prop("job_level", "STRING", "Level as written."),
            Prop("function", "STRING", "Function as written."),
            Prop("location", "STRING", "Place of work."),
        ),
    ),
    Edge("REPORTS_TO", "Person", "Person", "Who has whom as manager.", (Prop("line", "STRING", "SOLID or DOTTED.", True),)),
    Edge(
        "HAS_ROLE_IN",
        "Person",
        "BuyingGroup",
        "A role in a decision.",
        (
            Prop("role", "STRING", "BuyingRole.", True),
            Prop("role_confidence", "FLOAT", "How sure we are that they hold it, 0 to 1.", True),
            Prop("authority", "STRING", "Authority, where it differs from the template's."),
            Prop("step", "INTEGER", "Place in the order of approval."),
        ),
    ),
    Edge(
        "MEMBER_OF",
        "Person",
        "BuyingGroup",
        "Stance and power in a decision: an opinion, with its author.",
        (
            Prop("stance", "INTEGER", "-2 enemy to 2 mentor."),
            Prop("power", "STRING", "Power."),
            Prop("goals", "STRING", "What they want."),
            Prop("concerns", "STRING", "What they fear."),
            Prop("author_id", "STRING", "Who of us thinks so, as the source writes it.", ref="Person"),
        ),
    ),
    Edge(
        "INFLUENCES",
        "Person",
        "Person",
        "The source sways the target.",
        (
            Prop("kind", "STRING", "ADVISES or OPPOSES.", True),
            Prop("strength", "FLOAT", "Probability of being heard, 0 to 1.", True),
            Prop("topic", "STRING", "About what."),
        ),
    ),
    Edge("SUBSIDIARY_OF", "Company", "Company", "Who owns whom."),
    Edge("MANAGES_ACCOUNT", "Person", "Company", "Our account owner."),
    Edge("TOOK_PART", "Person", "Interaction", "Who took part in what.", (Prop("part", "STRING", "Part.", True),)),
    Edge(
        "USES",
        "Company",
        "Product",
        "An installation.",
        (
            Prop("seats", "INTEGER", "How many seats."),
            Prop("seat_share", "FLOAT", "Share of the company's seats, 0 to 1."),
            Prop("verified_on", "INTEGER", "Last verified at this instant."),
            Prop("renewal_on", "INTEGER", "Up for renewal at this instant."),
            Prop("satisfaction", "FLOAT", "-1 to 1."),
        ),
    ),
    Edge(
        "BOUGHT",
        "Company",
        "Product",
        "A purchase.",
        (
            Prop("purchase_id", "STRING", "Its id.", True),
            Prop("bought_on", "INTEGER", "When.", True),
            Prop("amount", "FLOAT", "For how much.", True),
            Prop("currency", "STRING", "ISO 4217 code."),
        ),
    ),
    *(
        Edge(link.value, "Company", "Company", doc, (Prop("product_id", "STRING", "With which product."),))
        for link, doc in (
            (CompanyLink.SERVES, "The source serves the target."),
            (CompanyLink.RESELLS, "The source resells for the target."),
            (CompanyLink.PARTNERS_WITH, "Partners, either way round."),
            (CompanyLink.COMPETES_WITH, "Competitors, either way round."),
            (CompanyLink.SUPPLIES, "The source supplies the target."),
        )
    ),
    Edge(
        "AFFILIATED_WITH",
        "Person",
        "Company",
        "Belongs beside a job.",
        (Prop("kind", "STRING", "Affiliation.", True), Prop("strength", "FLOAT", "0 to 1.", True)),
    ),
    *(
        Edge(
            type_,
            source,
            "Tag",
            "A tag, with why and until when.",
            (
                Prop("cause", "STRING", "Why."),
                Prop("weight", "FLOAT", "How much."),
                Prop("at", "INTEGER", "When it was put."),
                Prop("expires_on", "INTEGER", "No longer from then on."),
            ),
        )
        for type_, source in (("TAGGED", "Person"), ("COMPANY_TAGGED", "Company"))
    ),
    Edge("HAPPENED_AT", "Event", "Company", "News about a company."),
    Edge("INVOLVES", "Event", "Person", "News about a person."),
    *(
        Edge(
            f"{source.upper()}_VALUE",
            source,
            "Field",
            f"One dated value of a {source.lower()}.",
            (
                Prop("value", "STRING", "The value as written."),
                Prop("number", "FLOAT", "The value where it is a number or an instant."),
                Prop("state", "STRING", "Evidence, for BANTC."),
                Prop("at", "INTEGER", "When it was said."),
                Prop("said_by_id", "STRING", "Who said it, as the source writes it.", ref="Person"),
            ),
        )
        for source in ("Company", "Person", "Opportunity")
    ),
)

DECIDED = (
    Prop("revision", "INTEGER", "The number of the write in which it was decided; 0 for what was found.", True),
    Prop("rule", "STRING", "By which rule it was found; `by hand` for what a person decided, `in a file` for what rows declare.", True),
    Prop("author", "STRING", "Who decided it."),
    Prop("why", "LIST<STRING>", "Why, field by field; the reason that a person gave.", True),
)
TIES = (
    Edge(
        "SAME_AS",
        "Record",
        "Record",
        "Two records that are one, or may be: found by comparing them, or decided. The smaller id first.",
        (
            *DECIDED,
            Prop("score", "FLOAT", "How sure, 0 to 1.", True),
            Prop("open", "FLOAT", "The score, while a person is to decide."),
        ),
        indexed=("open", "revision"),
    ),
    Edge(
        "NOT_SAME_AS",
        "Record",
        "Record",
        "Two records that a person, or rows of a load, declared apart, whatever is found later. The smaller id first.",
        DECIDED,
        indexed=("revision",),
    ),
)
"""Relationships without clocks: identity is today's."""
DERIVED = (
    Edge(
        "KNOWS",
        "Person",
        "Person",
        "What passed between two people, from the interactions in which both took part: one edge a pair, from the smaller id to the larger. "
        "The sums are those of its last event and hold, decayed, from `last_at` on and before `next_at`; those of another instant are to be taken "
        "from the events.",
        (
            Prop("sums", "LIST<FLOAT>", f"Decayed sum of each channel ({', '.join(Channel)}), out, then back.", True),
            Prop("closing", "LIST<INTEGER>", "How many events of the last day are in each of these sums, for the daily cap.", True),
            Prop("count", "INTEGER", "How many events count; 0 while all lie ahead.", True),
            Prop("first_at", "INTEGER", "The first event that counts."),
            Prop("last_at", "INTEGER", "The last one."),
            Prop("next_at", "INTEGER", "The sums no longer hold from this instant on: an event that lies ahead, or a part that begins or ends."),
        ),
        indexed=("next_at",),
    ),
)
"""Relationships that follow from facts, kept up by each write. They are today's, carry no clocks, and are in no file."""

NODE = {node.label: node for node in NODES}
EDGE = {edge.type: edge for edge in EDGES}
