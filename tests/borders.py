"""Random markets on both sides of a border, and what is left of one when everything that a viewer may not see is taken out, row by row (ADR 0034)."""

import csv
import io
from random import Random

from graph.instants import OPEN_END, OPEN_START, period
from tests.slow import instant as moment

TERRITORIES = {"north": ("north", "north-city"), "south": ("south", "south-port")}
"""Who may see which: a province with its city, and another one with its port; as many, since Neo4j plans anew for a list of another size."""
NOW, THEN = (period(day)[1] - 1 for day in ("2026-06-30", "2026-01-31"))
HOUSE, RIVALS, PARTNERS = ("us",), ("rival", "far-rival"), ("pal", "near-pal", "far-pal")
NORTH = ("bank", "mill", "clinic", "harbour")
SOUTH = ("farm", "mine", "port", "school")
ACCOUNTS = (*NORTH, *SOUTH, "lost")
FAMILY = "王李张刘陈杨赵黄周吴徐孙马朱胡林郭何高罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚"
ROLES = ("DECISION_MAKER", "ECONOMIC_BUYER", "CHAMPION", "TECHNICAL_EVALUATOR", "PROCUREMENT", "END_USER", "INFLUENCER")


def market(seed):
    """Kind -> rows, each a mapping of column to cell."""
    return _Maker(Random(seed)).rows


def texts(rows):
    """Kind -> CSV text."""
    made = {}
    for kind, lines in rows.items():
        columns = list(dict.fromkeys(column for line in lines for column in line))
        with io.StringIO() as file:
            writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(lines)
            made[kind] = file.getvalue()
    return {kind: text for kind, text in made.items() if text.strip()}


class _Maker:
    def __init__(self, random):
        self.random = random
        self.rows = {}
        self.at = {}
        self.companies()
        self.people()
        self.sales()
        self.ties()
        self.happened()

    def add(self, kind, /, **cells):
        self.rows.setdefault(kind, []).append({name.rstrip("_"): cell for name, cell in cells.items()})

    def some(self, share):
        return self.random.random() < share

    def one(self, things):
        return self.random.choice(list(things))

    def few(self, things, most):
        things = list(things)
        return self.random.sample(things, min(len(things), self.random.randint(1, most)))

    def day(self, first="2025-07-01", days=364):
        first = moment(f"{first}T00:00:00+00:00")
        return first.fromtimestamp(first.timestamp() + 86400 * self.random.randrange(days), first.tzinfo).date().isoformat()

    def companies(self):
        for id_, around in (("north", ""), ("north-city", "north"), ("south", ""), ("south-port", "south")):
            self.add("territories", territory_id=id_, name=id_.title(), parent_id=around)
        placed = {**dict.fromkeys(NORTH, "north"), "harbour": "north-city", **dict.fromkeys(SOUTH, "south"), "port": "south-port"}
        placed |= {"near-pal": "north-city", **dict.fromkeys(("far-rival", "far-pal", "far-vendor"), "south")}
        kinds = {**dict.fromkeys(HOUSE, "us"), **dict.fromkeys(RIVALS, "competitor"), **dict.fromkeys(PARTNERS, "partner"), "guild": "association"}
        kinds |= {**dict.fromkeys(ACCOUNTS, "account"), "far-vendor": "vendor", "school": "account;partner"}
        for number, (id_, kind) in enumerate(kinds.items()):
            account = "account" in kind
            self.add(
                "companies",
                company_id=id_,
                name=f"{self.one(FAMILY)}{self.one(GIVEN)}{id_.title()}" if number % 3 else f"{id_.title()} Works",
                aliases=f"Alias of {id_}" if self.some(0.4) else "",
                kinds=kind,
                domain=f"{id_}.example",
                industry=self.one(("bank", "energy", "public")),
                country="CN",
                province=self.one(("广东", "湖北")),
                territory_id=placed.get(id_, ""),
                employees=self.random.randint(20, 9000),
                tier=self.random.randint(1, 3) if account else "",
                value=round(self.random.random(), 2) if account else "",
                tags=self.one(("vip", "", "watch")),
                parent_id=self.one((*NORTH, *SOUTH)) if id_ in ("clinic", "port") else "",
                owner_id=self.one(("our-0", "our-1", "our-2", "our-gone")) if account and self.some(0.8) else "",
            )
        for row in self.rows["companies"]:
            if row["parent_id"] == row["company_id"]:
                row["parent_id"] = ""
        for maker, ids in (("us", ("ours", "ours-too")), ("rival", ("theirs",)), ("far-rival", ("far-theirs",)), ("far-vendor", ("far-tool",))):
            for id_ in ids:
                self.add(
                    "products", product_id=id_, name=f"{id_.title()} 产品", company_id=maker, category=self.one(("crm", "data")), launched_on="2020"
                )
        self.add("segments", segment_id="banks", name="Banks", filter="industry=bank")
        self.add("segments", segment_id="upper", name="Upper", filter="tier=1,2", template_id="plan")
        self.add("segments", segment_id="some", name="Some", filter="ids=bank,farm,clinic,port", template_id="plan")
        self.add("segments", segment_id="owned", name="Owned", filter="owner=our-0,our-gone;product=far-theirs,theirs")
        for role, weight in (("DECISION_MAKER", 0.5), ("CHAMPION", 0.3), ("PROCUREMENT", 0.2)):
            self.add("templates", template_id="plan", role=role, weight=weight, theme_en=f"theme of {role}", theme_zh="主题")

    def people(self):
        staff = {
            **dict.fromkeys(HOUSE, 4),
            **dict.fromkeys(ACCOUNTS, 4),
            **dict.fromkeys((*RIVALS, *PARTNERS), 2),
            "guild": 2,
            "far-vendor": 1,
        }
        for company, count in staff.items():
            for number in range(count):
                self.person(f"our-{number}" if company == "us" else f"{company}-{number}", company)
        for number in range(3):
            self.person(f"free-{number}", "")
        self.person("our-gone", "", jobs=[("us", "2021-01-01", "2026-03-01"), (self.one(SOUTH), "2026-03-01", "")])
        self.person("our-left", "", jobs=[("us", "2021-01-01", "2025-12-01")])
        for number in range(8):  # moved across, or back and forth, before or after the earlier instant
            one, other = self.one(NORTH), self.one((*SOUTH, "far-pal", "far-rival"))
            first, then = (one, other) if number % 2 else (other, one)
            day = self.day("2025-10-01", 240)
            self.person(f"moved-{number}", "", jobs=[(first, "2019-05-01", day), *([(then, day, "")] if number < 6 else [])])
        for number in range(3):  # works on both sides
            self.person(f"both-{number}", "", jobs=[(self.one(NORTH), "2020-01-01", ""), (self.one(SOUTH), "2021-01-01", "")])
        self.person("both-house", "", jobs=[("us", "2020-01-01", ""), ("mine", "2021-01-01", "")])
        self.at["moved"] = [id_ for id_ in self.names if id_.startswith(("moved", "both"))]

    def person(self, id_, company, jobs=()):
        self.add(
            "people",
            person_id=id_,
            name=f"{self.one(FAMILY)}{self.one(GIVEN)}{self.one(GIVEN)}"
            if self.some(0.5)
            else f"{self.one(('Ann', 'Bo', 'Eva', 'Max'))} {id_.title()}",
            aliases=f"Nick {id_}" if self.some(0.3) else "",
            emails=f"{id_}@mail.example",
            company_id=company,
            title=self.one(("总经理", "Head of Data", "采购经理", "CTO", "")) if company else "",
            do_not_contact="yes" if self.some(0.06) else "",
            consent_until=self.one(("2027-01-01", "2026-05-01")) if self.some(0.1) else "",
            value_circle=self.one(("business", "industry", "")),
            tags=self.one(("golf", "", "")),
        )
        for employer, start, end in jobs:
            title = self.one(("总监", "CFO"))
            self.add("employments", person_id=id_, company_id=employer, title=title, department="数据部", valid_from=start, valid_to=end)

    @property
    def names(self):
        return [row["person_id"] for row in self.rows["people"]]

    @property
    def ours(self):
        return [id_ for id_ in self.names if id_.startswith("our-")]

    @property
    def others(self):
        return [id_ for id_ in self.names if not id_.startswith("our-")]

    def within(self, account):
        return [id_ for id_ in self.names if id_.startswith(f"{account}-")]

    def sales(self):
        for number, account in enumerate(ACCOUNTS):
            group = f"group-{account}"
            if number % 2:
                self.add("groups", group_id=group, company_id=account, name=f"Group of {account}", product_id=self.one(("ours", "far-theirs", "")))
            for deal in range(2):
                id_ = f"deal-{account}-{deal}"
                self.add(
                    "opportunities",
                    opportunity_id=id_,
                    company_id=account,
                    name=f"{self.one(('Renewal', '采购'))} {account} {deal}",
                    product_id=self.one(("ours", "ours-too", "far-tool", "")),
                    group_id=group if number % 2 and deal else "",
                    stage=self.one(("demo", "offer", "线索")),
                    amount=self.random.randint(10, 900),
                    currency="CNY",
                    opened_on=self.day("2025-06-01", 200),
                    close_on=self.day("2026-02-01", 300),
                    outcome=self.one(("open", "open", "won", "lost")),
                    competitor_ids=";".join(self.few(RIVALS, 2)) if self.some(0.6) else "",
                    owner_id=self.one(self.ours),
                )
                for field in self.few(("BUDGET", "AUTHORITY", "NEED", "TIMING", "COMPETITION"), 3):
                    state = self.one(("assumed", "stated", "verified"))
                    self.add(
                        "bantc", opportunity_id=id_, field=field, state=state, value=f"{field} 说明", at="2026-01-20", said_by_id=self.one(self.names)
                    )
            holders = dict.fromkeys([*self.within(account), *self.few(self.at["moved"], 3), self.one(self.others)])
            for holder, role in zip(holders, self.random.sample(ROLES * 2, 8), strict=False):
                scope = {"group_id": group} if number % 2 and self.some(0.3) else {"company_id": account}
                self.add("roles", person_id=holder, role=role, role_confidence=self.one((1, 0.8, 0.4)), authority=self.one(("", "veto")), **scope)
                if self.some(0.5):
                    power, author = self.one(("", "INNER_CIRCLE")), self.one(self.ours)
                    self.add("members", person_id=holder, company_id=account, stance=self.random.randint(-2, 2), power=power, author_id=author)
            for product in self.few(("ours", "theirs", "far-theirs", "far-tool"), 3):
                satisfaction, renewal = round(self.random.uniform(-1, 1), 1), self.day("2026-07-01", 300)
                share = self.one((0.2, 0.7))
                self.add("uses", company_id=account, product_id=product, seats=10, seat_share=share, renewal_on=renewal, satisfaction=satisfaction)
            for bought in range(self.random.randint(0, 3)):
                id_, product = f"bought-{account}-{bought}", self.one(("ours", "ours-too", "far-tool"))
                on, amount = self.day("2025-01-01", 500), self.random.randint(5, 500)
                self.add("purchases", purchase_id=id_, company_id=account, product_id=product, on=on, amount=amount, currency="CNY")
            self.add("tags", company_id=account, tag=self.one(("hot", "课程")), cause="typed", weight=2, at=self.day("2026-01-01", 20))
        for number in range(10):
            companies, people = self.few(ACCOUNTS, 2), self.few(self.others, 2)
            kind = self.one(("leadership_change", "funding", "tender", "policy"))
            said = {"company_ids": ";".join(companies), "person_ids": ";".join(people) if self.some(0.6) else ""}
            self.add("events", event_id=f"event-{number}", at=self.day("2025-12-01", 200), kind=kind, title=f"News {number}", **said)

    def ties(self):
        for partner in (*PARTNERS, "school"):
            for account in self.few([id_ for id_ in ACCOUNTS if id_ != partner], 5):
                self.add("company_links", from_id=partner, to_id=account, kind="SERVES", product_id=self.one(("", "theirs", "far-theirs")))
            for rival in self.few(RIVALS, 2):
                self.add("company_links", from_id=partner, to_id=rival, kind=self.one(("RESELLS", "PARTNERS_WITH")))
            self.add("company_links", from_id=partner, to_id="us", kind="PARTNERS_WITH")
        for rival in RIVALS:
            self.add("company_links", from_id="us", to_id=rival, kind="COMPETES_WITH")
        for account in ACCOUNTS:
            head, *rest = self.within(account)
            for person in rest:
                line = "DOTTED" if self.some(0.2) else "SOLID"
                self.add("reporting", person_id=person, manager_id=head if self.some(0.7) else self.one(self.at["moved"]), line=line)
        for person in self.at["moved"]:
            if self.some(0.7):
                self.add("reporting", person_id=person, manager_id=self.one([id_ for id_ in self.others if id_ != person]), line="SOLID")
        said = set()
        for _ in range(70):
            one, other, kind = self.one(self.names), self.one(self.names), self.one(("ADVISES", "ADVISES", "ADVISES", "FOLLOWS", "OPPOSES"))
            if one != other and not {(one, other), (other, one)} & said:
                said.add((one, other))
                topic = self.one(("data", "", "云"))
                self.add("influence", from_id=one, to_id=other, kind=kind, strength=self.one(("strong", "medium", "0.6")), topic=topic)
        tied = set()
        for _ in range(30):
            person, company = self.one(self.others), self.one(("guild", "rival", "far-rival", "pal", "far-pal", "far-vendor"))
            if (person, company) not in tied:
                tied.add((person, company))
                kind, since = self.one(("speaker", "advisor", "member", "alumni")), self.one(("", "2019"))
                self.add("affiliations", person_id=person, company_id=company, kind=kind, strength="strong", valid_from=since)
        for person in self.few(self.others, 25):
            self.add("tags", person_id=person, tag=self.one(("data", "hot", "课程")), cause="course", weight=2, at=self.day("2026-01-01", 20))

    def happened(self):
        for number, organisers in enumerate((("us",), ("rival",), ("far-rival",), ("us", "far-pal"), ())):
            self.add(
                "campaigns",
                campaign_id=f"show-{number}",
                name=f"{self.one(('峰会', 'Summit'))} {number}",
                type=self.one(("event", "webinar")),
                starts_at="2025-11-10",
                ends_at="2025-11-12",
                topics="data;云",
                product_ids=self.one(("ours", "far-tool;ours-too")),
                organiser_ids=";".join(organisers),
            )
        for number in range(420):
            if number % 6 == 0:
                self.deed(number)
            elif number % 11 == 0:
                self.introduction(number)
            else:
                self.talk(number)
        for number in range(12):
            account = self.one(ACCOUNTS)
            said = {"company_id": account, "subject": f"Ticket of {account}", "severity": self.one(("high", "low"))}
            from_id = self.one((*self.within(account), ""))
            self.add("interactions", interaction_id=f"ticket-{number}", type="ticket", at=self.when(), from_id=from_id, **said)
        self.add("interactions", interaction_id="crowd", type="meeting", at="2026-06-02T09:00", subject="Crowd")
        for person in self.random.sample(self.names, 54):
            self.add("participants", interaction_id="crowd", person_id=person, part="ATTENDEE")

    def when(self):
        return f"{self.day()}T{self.random.randint(8, 18):02}:00"

    def talk(self, number):
        kind = self.one(("meeting", "visit", "call", "message", "message", "question"))
        account = self.one(ACCOUNTS)
        pool = self.within(account) if self.some(0.6) else self.others
        told = {"subject": f"Talk {number} 谈", "topic": self.one(("data", "云", "")), "direction": self.one(("in", "out", ""))}
        told["company_id"] = account if self.some(0.2) else ""
        told["product_id"] = self.one(("ours", "theirs", "far-theirs")) if self.some(0.15) else ""
        status = self.one(("held", "held", "held", "planned", "no_show"))
        if self.some(0.5):
            one, rest = self.one(self.ours), self.few(pool if self.some(0.85) else self.ours, 2)
            said = {"from_id": one, "to_ids": ";".join(id_ for id_ in rest if id_ != one) or "our-3"}
            self.add("interactions", interaction_id=f"talk-{number}", type=kind, at=self.when(), status=status, **told, **said)
            return
        self.add("interactions", interaction_id=f"talk-{number}", type=kind, at=self.when(), status=status, **told)
        people = {*self.few(self.ours, 2), *self.few(pool, 3), *(self.few(self.others, 2) if self.some(0.4) else ())}
        for place, person in enumerate(sorted(people)):
            self.add(
                "participants",
                interaction_id=f"talk-{number}",
                person_id=person,
                part="SENDER" if place == 0 else self.one(("ATTENDEE", "RECIPIENT")),
            )

    def deed(self, number):
        kind = self.one(("registration", "check_in", "attendance", "download", "watch", "trial", "unsubscribe"))
        said = {"campaign_id": f"show-{self.random.randrange(5)}" if self.some(0.8) else "", "topic": self.one(("data", ""))}
        said["product_id"] = self.one(("ours", "theirs", "far-theirs")) if self.some(0.3) else ""
        who = self.one((*self.others, "cookie-1", "cookie-2"))
        self.add("interactions", interaction_id=f"deed-{number}", type=kind, at=self.when(), from_id=who, **said)
        if kind == "attendance":
            self.add("participants", interaction_id=f"deed-{number}", person_id=self.one(self.others), part="SPEAKER")

    def introduction(self, number):
        giver, receiver = self.random.sample(self.names, 2)
        status = self.one(("held", "declined", "open"))
        self.add("interactions", interaction_id=f"intro-{number}", type="introduction", at=self.when(), status=status, subject=f"Intro {number}")
        self.add("participants", interaction_id=f"intro-{number}", person_id=giver, part="GIVER")
        self.add("participants", interaction_id=f"intro-{number}", person_id=receiver, part="RECEIVER")


class Border:
    """What may be seen of a market from some territories at an instant: ``companies``, ``people``, ``products``, ``deals``, ``groups``."""

    def __init__(self, rows, scope, at):
        self.scope, self.rows = scope, rows
        self.companies = {row["company_id"] for row in rows["companies"] if self._placed(row)}
        self.house = {row["company_id"] for row in rows["companies"] if row["kinds"] == "us"}
        jobs = [(row["person_id"], row["company_id"], OPEN_START, OPEN_END) for row in rows["people"] if row["company_id"]]
        jobs += [
            (row["person_id"], row["company_id"], period(row["valid_from"])[0], period(row["valid_to"])[0] if row["valid_to"] else OPEN_END)
            for row in rows["employments"]
        ]
        self.jobs = [job for job in jobs if job[2] <= at]
        self.at = at
        self.people = {row["person_id"] for row in rows["people"] if self._works(row["person_id"])} | {"cookie-1", "cookie-2"}
        self.insiders = {person for person, company, *_ in self.jobs if company in self.house}
        self.products = {row["product_id"] for row in rows["products"] if row["company_id"] in self.companies}
        self.deals = {row["opportunity_id"] for row in rows["opportunities"] if row["company_id"] in self.companies}
        self.groups = {row["group_id"] for row in rows["groups"] if row["company_id"] in self.companies}
        self.interactions = {row["interaction_id"] for row in rows["interactions"] if self._happened(row)}

    def _placed(self, row):
        """In one of the territories; one of ours; or nowhere, and no account."""
        kinds = row["kinds"].split(";")
        return row["territory_id"] in self.scope or "us" in kinds or (not row["territory_id"] and "account" not in kinds)

    def _works(self, person):
        """Where they work; if nowhere, where they ever worked; who never worked anywhere may be seen."""
        ever = [(company, until) for who, company, _, until in self.jobs if who == person]
        now = [company for company, until in ever if until > self.at]
        places = now or [company for company, _ in ever]
        return not places or any(company in self.companies for company in places)

    def _took_part(self, row):
        named = {row.get("from_id", ""), *row.get("to_ids", "").split(";")} - {""}
        return named | {line["person_id"] for line in self.rows["participants"] if line["interaction_id"] == row["interaction_id"]}

    def _happened(self, row):
        """Somebody from outside our house who may be seen was there; or nobody, and nothing, that may not."""
        there = self._took_part(row)
        if (there & self.people) - self.insiders:
            return True
        return there <= self.people and row.get("company_id", "") in {*self.companies, ""}

    def hidden(self):
        """The ids of what may not be seen, by kind of thing."""
        return {
            "Company": {row["company_id"] for row in self.rows["companies"]} - self.companies,
            "Person": {row["person_id"] for row in self.rows["people"]} - self.people,
            "Opportunity": {row["opportunity_id"] for row in self.rows["opportunities"]} - self.deals,
            "Product": {row["product_id"] for row in self.rows["products"]} - self.products,
            "BuyingGroup": {row["group_id"] for row in self.rows["groups"]} - self.groups,
        }

    def left(self):
        """The rows that are left: those that need something hidden fall away, cells that name it are empty."""
        kept = {kind: list(map(dict, rows)) for kind, rows in self.rows.items()}
        known = {
            **dict.fromkeys(("company_id", "parent_id", "organiser_ids", "competitor_ids", "company_ids"), self.companies),
            **dict.fromkeys(("person_id", "manager_id", "owner_id", "author_id", "said_by_id", "person_ids"), self.people),
            **dict.fromkeys(("product_id", "product_ids"), self.products),
            "opportunity_id": self.deals,
            "group_id": self.groups,
            "interaction_id": self.interactions,
        }
        needed = {
            "companies": "company_id",
            "people": "person_id",
            "employments": "person_id company_id",
            "reporting": "person_id manager_id",
            "groups": "group_id company_id",
            "roles": "person_id company_id group_id",
            "members": "person_id company_id group_id",
            "influence": "from_id to_id",
            "interactions": "interaction_id",
            "participants": "interaction_id person_id",
            "products": "product_id company_id",
            "uses": "company_id product_id",
            "purchases": "company_id product_id",
            "company_links": "from_id to_id",
            "affiliations": "person_id company_id",
            "opportunities": "opportunity_id company_id",
            "bantc": "opportunity_id",
            "tags": "person_id company_id",
        }
        for kind, rows in kept.items():
            own = dict(known)
            if kind == "territories":
                own.pop("parent_id")
            if kind in ("influence", "interactions"):
                own |= {"from_id": self.people, "to_ids": self.people}
            if kind == "company_links":
                own |= {"from_id": self.companies, "to_id": self.companies}
            if kind == "influence":
                own["to_id"] = self.people
            rows[:] = [row for row in rows if all(row.get(column, "") in {*own[column], ""} for column in needed.get(kind, "").split())]
            for row in rows:
                for column in row.keys() & own.keys():
                    row[column] = ";".join(id_ for id_ in str(row[column]).split(";") if id_ in own[column])
        return kept
