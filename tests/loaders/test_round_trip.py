"""Any world that loads, of any kinds, comes back as it was: loaded over itself it changes nothing, loaded elsewhere it is the same graph."""

import csv
import os
import re
from io import StringIO
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from graph.instants import OPEN_END, period
from loaders import columns as cells
from loaders.columns import Column, Kind
from loaders.export import export
from loaders.kinds import KINDS
from loaders.run import load

WORLDS = int(os.environ.get("ROUND_TRIPS", "3"))
"""How many random worlds; each loads four times."""
IDS = {
    label: [f"{label[0]}{n}" for n in range(4)] for label in ("Person", "Company", "Product", "Opportunity", "Campaign", "Interaction", "Template")
}
IDS |= {"BuyingGroup": ["g0", "g1"], "Territory": ["t0", "007"], "Event": ["e0", "e1"], "Segment": ["s0"]}
IDS["Person"] += ["NA", "1e5"]
ALIASES = {"Person": ["Fang Wang", "wx:1", "=1+1"], "Company": ["CMB", "'招行", "null"]}
OWN_NAMES = {"aliases", "emails", "identifiers"}
"""Names of one thing alone: what several bear is refused where it is named."""
STRANGERS = ["cookie-7", "wx_open_1"]
WORDS = ["广东", 'a, "b"', "=1+1", "'x", "NA", "null", "line\nfeed", "O'Neill", "-5", "0012"]
DAYS = ["", "2019", "2020-02", "2021-03-04", "2022-05-06T07:08:09.123456+08:00", "9999-12-31", "2030-01-01"]
BOUNDS = ["2018-01-01", "2020-01-01", "2024-06-01", "2027-01-01"]
numbers = st.floats(allow_nan=False, allow_infinity=False).map(repr) | st.sampled_from(["0.1", "1200", "-0", "12345678901234567", "1e300"])
shares = st.floats(0, 1).map(repr)
CELLS = {
    cells.text: st.sampled_from(WORDS),
    cells.ident: st.sampled_from(WORDS),
    cells.domain: st.sampled_from(["cmb.cn", "Acme.example"]),
    cells.listed: st.lists(st.sampled_from(["云", "AI", "z", "a"]), max_size=3).map(";".join),
    cells.phones: st.sampled_from(["+86 10", "10086;+1 2"]),
    cells.number: numbers,
    cells.whole: st.integers(-(2**53), 2**53).map(str),
    cells.count: st.integers(0, 2**53).map(str),
    cells.duration: st.floats(0, 1e6).map(repr),
    cells.share: shares,
    cells.signed: st.floats(-1, 1).map(repr),
    cells.strength: shares | st.sampled_from(["strong", "weak"]),
    cells.stance: st.sampled_from(["-2", "MENTOR", "0"]),
    cells.tier: st.sampled_from("123"),
    cells.truth: st.sampled_from(["yes", "no"]),
    cells.start: st.sampled_from(DAYS),
    cells.end: st.sampled_from(DAYS),
    cells.segment: st.sampled_from(["tier=1,2;industry=bank", "province=广东"]),
}


def of_column(column: Column, kind: Kind) -> st.SearchStrategy[str]:
    """What a cell may hold: ids and aliases of what the world has, the words of a set, or any value that its parser takes."""
    if column.name == kind.identifies:
        made = st.sampled_from(IDS.get(kind.label, ["x0", "x1"]))
    elif column.ref:
        known = IDS[column.ref] + ALIASES.get(column.ref, []) + (STRANGERS if column.ref == "Person" else [])
        made = st.lists(st.sampled_from(known), max_size=3, unique=True).map(";".join) if column.several else st.sampled_from(known)
    elif column.name == "min_members":
        made = st.integers(1, 9).map(str)
    elif column.parse in CELLS:
        made = CELLS[column.parse]
    else:
        words = re.findall("`([^`]+)`", column.parse.__doc__)
        made = st.lists(st.sampled_from(words), max_size=2, unique=True).map(";".join) if column.several else st.sampled_from(words)
    if column.name in OWN_NAMES:
        made = st.lists(st.sampled_from(["aka", "=也叫", "x:9"]), max_size=2, unique=True).map(";".join)
    return made if column.required else st.just("") | made


@st.composite
def rows(draw, kind):
    """Rows of one kind, each with its own columns, some said by another source, for a stretch, or not for sure."""
    columns = [column for column in kind.columns if column.required or column.name == "group_id" or draw(st.booleans())]
    made = []
    for _ in range(draw(st.integers(1, 5))):
        row = {column.name: draw(of_column(column, kind)) for column in columns}
        row |= {name: ";".join(f"{each} of {row[kind.identifies]}" for each in row[name].split(";") if each) for name in OWN_NAMES & row.keys()}
        if kind.name == "opportunities" and "group_id" in row:  # one that has a group has always had it
            row["group_id"] = "g0" if row["opportunity_id"] > "O1" else ""
        bounds = sorted(
            draw(st.lists(st.sampled_from(["2018-01-01", "2020-01-01", "2024-06-01", "2027-01-01"]), min_size=2, max_size=2, unique=True))
        )
        start, end = (draw(st.sampled_from(["", bound])) for bound in bounds)
        row |= {"source": draw(st.sampled_from(["", "", "hr/1"])), "confidence": draw(st.sampled_from(["", "", "0.5"]))}
        made.append(row | {"valid_from": start, "valid_to": end})
    return made


@st.composite
def worlds(draw):
    """A file of every kind; whatever does not fit falls when it is loaded."""
    return {kind.name: draw(rows(kind)) for kind in KINDS}


def text_of(given):
    out = StringIO()
    writer = csv.DictWriter(out, list(given[0]))
    writer.writeheader()
    writer.writerows(given)
    return out.getvalue()


ALL_FACTS = (
    "MATCH (a)-[r]->(b) WHERE r.retracted_at = $open\n"
    "RETURN type(r), a.id, b.id, r.key, r.digest, r.valid_from, r.valid_to, r.origin ORDER BY r.key, r.valid_from"
)
ALL_THINGS = "MATCH (n) WHERE n.digest IS NOT NULL RETURN labels(n), n.id, n.digest ORDER BY labels(n), n.id"
ALL_ALIASES = "MATCH (n:Alias) RETURN n.name, n.entity_id, n.label ORDER BY n.name, n.entity_id, n.label"


async def graph_of(store):
    """Things, facts that are known now and aliases."""
    return {str(row) for text in (ALL_THINGS, ALL_FACTS, ALL_ALIASES) for row in await store.read("test", text, {"open": OPEN_END})}


async def files_of(store, folder):
    await export(store, folder)
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir())}


FIRST = {
    "companies": "company_id,name,aliases\nC0,甲公司,CMB;'招行\nC1,乙公司,null\n",
    "people": "person_id,name,aliases\nP0,王芳,Fang Wang;=1+1\nP1,李伟,wx:1\n",
    "products": "product_id,name,company_id\nP0,Core,CMB\n",
    "opportunities": "opportunity_id,company_id\nO0,C0\n",
    "interactions": "interaction_id,type,at,from_id\nI0,call,2026-01-01,cookie-7\n",
    "groups": "group_id,company_id\ng0,C0\n",
    "territories": "territory_id,name\nt0,广东\n",
    "templates": "template_id,role,weight\nT0,CHAMPION,1\n",
    "campaigns": "campaign_id,name,type\nC0,Day,event\n",
}
"""Something to refer to, so that few rows fall."""


@settings(max_examples=WORLDS, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(world=worlds())
async def test_any_world_comes_back(store, market, tmp_path_factory, world):
    await store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
    tmp_path = tmp_path_factory.mktemp("world")
    await market(as_of=period("2025-01-01")[0], **FIRST)
    await market(as_of=period("2026-01-01")[0], source="crm", **{kind: text_of(given) for kind, given in world.items()})
    files, before = await files_of(store, tmp_path / "first"), await graph_of(store)
    over = await load(store, [tmp_path / "first"], as_of=period("2026-06-01")[0], reports_in=tmp_path / "over")
    assert await graph_of(store) ^ before == set()
    assert {name: over.total(name) for name in ("created", "changed", "ended", "rejected")} == dict.fromkeys(
        ("created", "changed", "ended", "rejected"), 0
    )
    assert await files_of(store, tmp_path / "second") == files
    await store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
    again = await load(store, [tmp_path / "first"], as_of=period("2026-06-01")[0], reports_in=tmp_path / "again")
    assert again.rejects is None, Path(again.rejects).read_text(encoding="utf-8")
    assert await graph_of(store) ^ before == set()
    assert await files_of(store, tmp_path / "third") == files
