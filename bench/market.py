"""A market of any size, the same for the same seed: ``python -m bench.market FOLDER --people 20000 --seed 1`` writes its canonical files.

Most companies have about 8 people, one has exactly 8, one 500, one 5,000 where the market is large enough. Half of the companies speak Chinese.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer

from graph.model import Affiliation, BuyingRole, CampaignType, EventKind, Evidence, InteractionType, Power
from loaders.kinds import BANTC, KINDS

AS_OF = "2026-06-30"
"""The day on which the files are true."""
LARGE = {5_000: 10_000, 500: 2_000, 8: 0}
"""Companies of exactly so many people, in markets of at least so many."""
SPAN = 6
"""Reports of a manager."""
ROLES = [role.value for role in BuyingRole][:8]
PLACES = {"广东": "深圳 广州 东莞", "江苏": "苏州 南京 无锡", "上海": "上海", "Bayern": "München Nürnberg", "England": "London Leeds Bristol"}
CITIES = [(province, city) for province, cities in PLACES.items() for city in cities.split()]
CHINESE = sum(not province.isascii() for province, _ in CITIES)
INDUSTRIES = ["bank", "hospital", "university", "ministry", "maker", "retailer", "insurer", "logistics"]
TRADES = ["银行", "医院", "大学", "政务", "制造", "零售", "保险", "物流"]
CHANGES = {
    "companies": ("industry", "energy"),
    "people": ("language", "fr"),
    "employments": ("level", "changed"),
    "members": ("goals", "changed"),
    "roles": ("step", "9"),
    "influence": ("strength", "0.33"),
    "interactions": ("topic", "changed"),
    "opportunities": ("stage", "changed"),
}
"""Kind -> the column and the value of a changed row."""

Cells = Any
"""A column of cells, an object array of texts: numpy's types do not say what an object array holds."""
Frames = dict[str, pd.DataFrame]


def pick(rng: np.random.Generator, values: list[Any], size: int) -> Cells:
    """A random value a row."""
    return np.array(values, dtype=object)[rng.integers(0, len(values), size)]


def some(rng: np.random.Generator, share: float, values: Cells) -> Cells:
    """A share of the values, the others empty."""
    return np.where(rng.random(len(values)) < share, values, "")


def ids(prefix: str, numbers: Any) -> Cells:
    """``p0 p1 ...``"""
    return prefix + np.asarray(numbers).astype(str).astype(object)


def texts(numbers: Any) -> Cells:
    """Numbers and days as a file writes them."""
    return np.asarray(numbers).astype(str).astype(object)


def days(rng: np.random.Generator, since: str, span: int, size: int) -> Any:
    """Random days."""
    return np.datetime64(since) + rng.integers(0, span, size)


@dataclass(frozen=True)
class Staff:
    """Who works where: for each company its size and first person, for each person the company, the place in its chart, and the manager or -1."""

    sizes: Any
    first: Any
    company: Any
    place: Any
    manager: Any

    @classmethod
    def drawn(cls, rng: np.random.Generator, people: int) -> "Staff":
        """Skewed sizes: ours first, then the large ones, then around 8, so many that the people suffice."""
        fixed = [max(4, people // 100), *(size for size, least in LARGE.items() if people >= least)]
        drawn = np.clip(rng.lognormal(np.log(8), 0.6, people).astype(int), 2, 80)
        sizes = np.concatenate([fixed, drawn])
        sizes = sizes[: np.searchsorted(sizes.cumsum(), people)]
        sizes = np.append(sizes, people - sizes.sum())
        first = sizes.cumsum() - sizes
        company = np.repeat(np.arange(len(sizes)), sizes)
        place = np.arange(people) - first[company]
        return cls(sizes, first, company, place, np.where(place > 0, first[company] + (place - 1) // SPAN, -1))

    def colleague(self, rng: np.random.Generator, people: Any) -> Any:
        """Somebody else of the same company for each of these people; nobody of a company of one may be among them."""
        size = self.sizes[self.company[people]]
        return self.first[self.company[people]] + (self.place[people] + 1 + rng.integers(0, size - 1)) % size


def market(people: int, seed: int = 1) -> Frames:
    """Kind -> its rows as texts. ``people`` is at least 100."""
    rng = np.random.default_rng(seed)
    staff = Staff.drawn(rng, people)
    made = {**_companies(rng, staff), **_people(rng, staff), **_decisions(rng, staff), **_deals(rng, staff), **_contacts(rng, staff)}
    companies, makers = made["companies"], made["products"]["company_id"]
    if len(rivals := companies["company_id"][companies["kinds"] == "competitor"]):
        makers[len(makers) // 2 :] = np.resize(rivals, len(makers) - len(makers) // 2)
    return {kind.name: pd.DataFrame(made[kind.name]) for kind in KINDS}


def changed(frames: Frames, share: float, seed: int = 1) -> Frames:
    """The same market after a share of its rows changed in a value; who reports to whom changes too."""
    rng = np.random.default_rng(seed)
    made = {kind: frame.copy() for kind, frame in frames.items()}
    for kind, (column, value) in CHANGES.items():
        made[kind].loc[rng.random(len(made[kind])) < share, column] = value
    lines = made["reporting"]
    moved = (rng.random(len(lines)) < share) & (lines["line"] == "SOLID")
    lines.loc[moved, "manager_id"] = "p0"
    return made


def employer(frames: Frames, people: int) -> str:
    """The first company with exactly so many present jobs."""
    jobs = frames["employments"]
    counts = jobs[jobs["valid_to"] == ""]["company_id"].value_counts()
    return str(sorted(counts.index[counts == people], key=lambda id_: int(id_[1:]))[0])


def write(frames: Frames, folder: Path) -> None:
    """Canonical files, the same bytes for the same frames."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, frame in frames.items():
        frame.to_csv(folder / f"{kind}.csv", index=False, lineterminator="\n", encoding="utf-8")


def _companies(rng: np.random.Generator, staff: Staff) -> dict[str, dict[str, Cells]]:
    count = len(staff.sizes)
    number, city, trade = np.arange(count), rng.integers(0, len(CITIES), count), rng.integers(0, len(INDUSTRIES), count)
    kinds = np.where(rng.random(count) < 0.03, pick(rng, ["partner", "competitor"], count), "account")
    kinds[: 1 + len(LARGE)] = "account"
    kinds[0] = "us"
    province, town = (np.array(names, dtype=object)[city] for names in zip(*CITIES, strict=True))
    stem = pick(rng, ["远景", "华信", "中科", "Nord", "Delta", "Apex"], count)
    name = np.where(city < CHINESE, town + stem + np.array(TRADES, dtype=object)[trade], town + " " + stem + " " + np.array(INDUSTRIES)[trade])
    owner = ids("p", rng.integers(0, staff.sizes[0], count))
    companies = {
        "company_id": ids("c", number),
        "name": name + " " + texts(number),
        "kinds": kinds,
        "aliases": some(rng, 0.2, ids("crm:", number)),
        "domain": ids("c", number) + ".example",
        "industry": np.array(INDUSTRIES, dtype=object)[trade],
        "country": np.where(city < CHINESE, "CN", "EU"),
        "province": province,
        "city": town,
        "territory_id": town,
        "employees": texts(staff.sizes * rng.integers(1, 40, count)),
        "annual_revenue": texts(rng.integers(1, 5_000, count) * 100_000),
        "currency": np.where(city < CHINESE, "CNY", "EUR"),
        "parent_id": np.where((rng.random(count) < 0.05) & (number > 0), ids("c", number // 2), ""),
        "tier": texts(rng.integers(1, 4, count)),
        "value": texts(rng.integers(0, 101, count) / 100),
        "owner_id": np.where(kinds == "account", owner, ""),
        "tags": some(rng, 0.1, pick(rng, ["重点;key", "event", "云"], count)),
    }
    towns = {
        "territory_id": np.array([*PLACES, *(city for _, city in CITIES if city not in PLACES)], dtype=object),
        "name": np.array([*PLACES, *(city for _, city in CITIES if city not in PLACES)], dtype=object),
        "level": np.array(["province"] * len(PLACES) + ["city"] * sum(city not in PLACES for _, city in CITIES), dtype=object),
        "parent_id": np.array([""] * len(PLACES) + [province for province, city in CITIES if city not in PLACES], dtype=object),
    }
    partner = rng.permutation(np.flatnonzero(kinds != "account"))[: max(1, count // 50)]
    links = {
        "from_id": ids("c", partner),
        "to_id": ids("c", (partner + 1) % count),
        "kind": np.where(kinds[partner] == "partner", "SERVES", "COMPETES_WITH"),
        "product_id": some(rng, 0.5, ids("product", partner % 12)),
    }
    at = np.flatnonzero(rng.random(count) < 0.1)
    events = {
        "event_id": ids("e", at),
        "at": texts(days(rng, "2025-01-01", 500, len(at))),
        "kind": pick(rng, list(EventKind), len(at)),
        "company_ids": ids("c", at),
        "person_ids": some(rng, 0.5, ids("p", staff.first[at])),
        "title": pick(rng, ["招标公告", "New board", "组织调整"], len(at)),
    }
    grants = {"principal": ids("user", np.arange(6)), "role": np.array(["viewer", "editor", "steward"] * 2, dtype=object)}
    grants["territory_id"] = np.array([*PLACES, ""], dtype=object)[:6]
    return {"companies": companies, "territories": towns, "company_links": links, "events": events, "grants": grants}


def _people(rng: np.random.Generator, staff: Staff) -> dict[str, dict[str, Cells]]:
    count, companies = len(staff.company), len(staff.sizes)
    number = np.arange(count)
    chinese = rng.random(companies)[staff.company] < 0.5
    han = pick(rng, list("王李张刘陈杨赵黄周吴"), count) + pick(rng, ["伟", "芳", "娜", "敏", "静", "丽华", "建国", "志强", "秀英", "海燕"], count)
    latin = pick(rng, ["Ann", "Ben", "Clara", "David", "Eva", "Felix", "Grace", "Hugo", "Ida", "Jonas"], count) + " "
    latin = latin + pick(rng, ["Adams", "Brown", "Clark", "Davis", "Evans", "Fischer", "Gray", "Hill", "Irwin", "Jones"], count)
    company, person = ids("c", staff.company), ids("p", number)
    since = days(rng, "2018-01-01", 3_000, count)
    level = np.where(staff.place == 0, "C", np.where(staff.place <= SPAN, "VP", np.where(staff.place <= SPAN * (SPAN + 1), "Director", "Staff")))
    chief = np.where(chinese, "总经理", "Managing Director")
    title = np.where(
        staff.place == 0, chief, np.where(chinese, pick(rng, ["工程师", "经理", "主管"], count), pick(rng, ["Engineer", "Manager"], count))
    )
    rows = {
        "person_id": person,
        "name": np.where(chinese, han, latin),
        "aliases": np.where(chinese & (rng.random(count) < 0.2), latin, ""),
        "emails": "p" + texts(number) + "@" + company + ".example",
        "phones": some(rng, 0.3, ids("+86139", number + 10_000_000)),
        "linkedin_url": some(rng, 0.3, ids("https://people.example/", number)),
        "language": np.where(chinese, "zh", "en"),
        "do_not_contact": some(rng, 0.02, np.full(count, "yes", dtype=object)),
        "legal_basis": pick(rng, ["consent", "contract", "legitimate interest"], count),
        "consent_until": some(rng, 0.3, texts(days(rng, "2026-01-01", 900, count))),
        "tags": some(rng, 0.05, pick(rng, ["重点", "speaker", "alumni"], count)),
    }
    job = {
        "person_id": person,
        "company_id": company,
        "title": title,
        "department": np.where(chinese, pick(rng, ["信息部", "采购部", "财务部"], count), pick(rng, ["IT", "Purchasing", "Finance"], count)),
        "level": level,
        "function": pick(rng, ["it", "finance", "operations"], count),
        "valid_from": texts(since),
        "valid_to": np.full(count, "", dtype=object),
    }
    before = np.flatnonzero(rng.random(count) < 0.25)
    former = {name: cells[before] for name, cells in job.items()}
    former["company_id"] = ids("c", (staff.company[before] + 1 + rng.integers(0, companies - 1, len(before))) % companies)
    former["valid_from"], former["valid_to"] = texts(since[before] - 1_000), texts(since[before])
    jobs = {name: np.concatenate([former[name], job[name]]) for name in job}
    below = np.flatnonzero(staff.manager >= 0)
    dotted = below[rng.random(len(below)) < 0.05]
    second = staff.colleague(rng, dotted)
    dotted, second = dotted[second != staff.manager[dotted]], second[second != staff.manager[dotted]]
    lines = {
        "person_id": ids("p", np.concatenate([below, dotted])),
        "manager_id": ids("p", np.concatenate([staff.manager[below], second])),
        "line": np.array(["SOLID"] * len(below) + ["DOTTED"] * len(dotted), dtype=object),
    }
    who = rng.permutation(number)[: count // 50]
    affiliations = {
        "person_id": ids("p", who),
        "company_id": ids("c", (staff.company[who] + 1) % companies),
        "kind": pick(rng, list(Affiliation), len(who)),
        "strength": pick(rng, ["strong", "medium", "0.25"], len(who)),
    }
    tagged, marked = rng.permutation(number)[: count // 10], rng.permutation(companies)[: companies // 5]
    tags = {
        "person_id": np.concatenate([ids("p", tagged), np.full(len(marked), "")]),
        "company_id": np.concatenate([np.full(len(tagged), ""), ids("c", marked)]),
        "tag": pick(rng, ["云", "security", "budget 2026", "数据"], len(tagged) + len(marked)),
        "cause": pick(rng, ["download", "会议", "survey"], len(tagged) + len(marked)),
        "weight": texts(rng.integers(1, 10, len(tagged) + len(marked))),
    }
    return {"people": rows, "employments": jobs, "reporting": lines, "affiliations": affiliations, "tags": tags}


def _decisions(rng: np.random.Generator, staff: Staff) -> dict[str, dict[str, Cells]]:
    """The first six of each company decide; a fifth of the companies have a group of its own for a product beside."""
    top = np.flatnonzero(staff.place < 6)
    grouped = np.flatnonzero(rng.random(len(staff.sizes)) < 0.2)
    special = np.isin(staff.company[top], grouped) & (staff.place[top] < 3)
    who = np.concatenate([top, top[special]])
    scope = {
        "person_id": ids("p", who),
        "group_id": np.concatenate([np.full(len(top), ""), ids("g", staff.company[top[special]])]),
        "company_id": np.concatenate([ids("c", staff.company[top]), np.full(special.sum(), "")]),
    }
    roles = {
        **scope,
        "role": np.array(ROLES, dtype=object)[(staff.place[who] + staff.company[who]) % len(ROLES)],
        "role_confidence": pick(rng, ["", "0.9", "0.6"], len(who)),
        "step": pick(rng, ["", "1", "2"], len(who)),
    }
    members = {
        **scope,
        "stance": pick(rng, ["", "ENEMY", "-1", "0", "SUPPORTER", "2"], len(who)),
        "power": pick(rng, ["", *Power], len(who)),
        "goals": some(rng, 0.3, pick(rng, ["降低成本", "less risk", "promotion"], len(who))),
        "author_id": ids("p", rng.integers(0, staff.sizes[0], len(who))),
    }
    whose = np.flatnonzero((rng.random(len(staff.company)) < 0.5) & (staff.sizes[staff.company] > 1))
    sways = {
        "from_id": ids("p", whose),
        "to_id": ids("p", staff.colleague(rng, whose)),
        "kind": pick(rng, ["ADVISES", "ADVISES", "ADVISES", "OPPOSES"], len(whose)),
        "strength": pick(rng, ["strong", "medium", "weak", "0.55"], len(whose)),
        "topic": some(rng, 0.2, pick(rng, ["价格", "security"], len(whose))),
    }
    groups = {
        "group_id": ids("g", grouped),
        "company_id": ids("c", grouped),
        "name": ids("采购组 ", grouped),
        "product_id": ids("product", grouped % 12),
        "template_id": np.full(len(grouped), "standard"),
    }
    templates = {
        "template_id": np.full(len(ROLES), "standard"),
        "role": np.array(ROLES, dtype=object),
        "weight": texts(np.full(len(ROLES), 1 / len(ROLES))),
        "step": texts(np.arange(1, len(ROLES) + 1)),
        "theme_en": pick(rng, ["Proof of value", "Price"], len(ROLES)),
        "theme_zh": pick(rng, ["价值证明", "价格"], len(ROLES)),
    }
    return {"groups": groups, "roles": roles, "members": members, "influence": sways, "templates": templates}


def _deals(rng: np.random.Generator, staff: Staff) -> dict[str, dict[str, Cells]]:
    count = len(staff.sizes)
    open_ = np.flatnonzero(rng.random(count) < 0.15)
    opportunities = {
        "opportunity_id": ids("o", open_),
        "company_id": ids("c", open_),
        "name": ids("商机 ", open_),
        "product_id": ids("product", rng.integers(0, 12, len(open_))),
        "stage": pick(rng, ["lead", "proposal", "谈判"], len(open_)),
        "amount": texts(rng.integers(1, 500, len(open_)) * 10_000),
        "currency": pick(rng, ["CNY", "EUR"], len(open_)),
        "opened_on": texts(days(rng, "2025-06-01", 300, len(open_))),
        "close_on": texts(days(rng, "2026-07-01", 300, len(open_))),
        "owner_id": ids("p", rng.integers(0, staff.sizes[0], len(open_))),
    }
    each = np.repeat(open_, len(BANTC))
    bantc = {
        "opportunity_id": ids("o", each),
        "field": np.tile(np.array(BANTC, dtype=object), len(open_)),
        "state": pick(rng, list(Evidence), len(each)),
        "value": some(rng, 0.5, pick(rng, ["200 万", "Q4", "yes"], len(each))),
    }
    users = np.flatnonzero(rng.random(count) < 0.4)
    uses = {
        "company_id": ids("c", users),
        "product_id": ids("product", rng.integers(0, 12, len(users))),
        "seats": texts(rng.integers(5, 5_000, len(users))),
        "renewal_on": texts(days(rng, "2026-07-01", 700, len(users))),
        "satisfaction": pick(rng, ["", "-0.5", "0.1", "0.8"], len(users)),
    }
    purchases = {
        "purchase_id": ids("b", users),
        "company_id": ids("c", users),
        "product_id": uses["product_id"],
        "on": texts(days(rng, "2022-01-01", 1_500, len(users))),
        "amount": texts(rng.integers(1, 500, len(users)) * 1_000),
        "currency": pick(rng, ["CNY", "EUR"], len(users)),
    }
    products = {
        "product_id": ids("product", np.arange(12)),
        "name": ids("产品 Product ", np.arange(12)),
        "company_id": np.full(12, "c0"),
        "category": pick(rng, ["cloud", "security", "data"], 12),
    }
    segments = {
        "segment_id": ids("s", np.arange(3)),
        "name": np.array(["Banks", "医院", "Tier 1"], dtype=object),
        "filter": np.array(["industry=bank", "industry=hospital", "tier=1"], dtype=object),
        "template_id": np.full(3, "standard"),
    }
    return {"opportunities": opportunities, "bantc": bantc, "uses": uses, "purchases": purchases, "products": products, "segments": segments}


def _contacts(rng: np.random.Generator, staff: Staff) -> dict[str, dict[str, Cells]]:
    count = len(staff.company)
    plans, number = max(4, count // 500), np.arange(count)
    campaigns = {
        "campaign_id": ids("k", np.arange(plans)),
        "name": ids("活动 Event ", np.arange(plans)),
        "type": pick(rng, list(CampaignType), plans),
        "starts_at": texts(days(rng, "2025-01-01", 500, plans)),
        "topics": pick(rng, ["云;cloud", "安全", "data"], plans),
        "product_ids": ids("product", np.arange(plans) % 12),
    }
    met = rng.integers(0, count, count)
    minutes = np.datetime64("2025-01-01T08:00") + rng.integers(0, 500 * 24 * 60, count)
    interactions = {
        "interaction_id": ids("i", number),
        "type": pick(rng, list(InteractionType), count),
        "at": texts(minutes),
        "campaign_id": some(rng, 0.3, ids("k", rng.integers(0, plans, count))),
        "company_id": ids("c", staff.company[met]),
        "topic": some(rng, 0.4, pick(rng, ["云", "pricing", "迁移", "security"], count)),
        "subject": some(rng, 0.3, pick(rng, ["Re: offer", "会议纪要"], count)),
        "minutes": some(rng, 0.3, texts(rng.integers(5, 120, count))),
        "from_id": np.where(rng.random(count) < 0.02, ids("cookie-", number), ids("p", rng.integers(0, staff.sizes[0], count))),
        "to_ids": ids("p", met),
    }
    joined = np.flatnonzero(rng.random(count) < 0.3)
    participants = {
        "interaction_id": ids("i", joined),
        "person_id": ids("p", rng.integers(0, count, len(joined))),
        "part": pick(rng, ["ATTENDEE", "SPEAKER", ""], len(joined)),
    }
    return {"campaigns": campaigns, "interactions": interactions, "participants": participants}


def main(
    folder: Annotated[Path, typer.Argument(help="Where to write the files.")],
    people: Annotated[int, typer.Option(help="How many people.", min=100)] = 2_000,
    seed: Annotated[int, typer.Option(help="Another seed, another market.")] = 1,
) -> None:
    """Write a market as canonical files."""
    frames = market(people, seed)
    write(frames, folder)
    typer.echo(f"{folder}: {sum(map(len, frames.values()))} rows, true on {AS_OF}")


if __name__ == "__main__":
    typer.run(main)
