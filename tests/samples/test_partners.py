"""Partners on real lists with known answers: the tags of Y Combinator's companies, the members of a foundation, executives with several seats."""

import csv
from pathlib import Path

import numpy as np
import pytest

from api.context import Context
from graph.answer import Id
from graph.filter import AccountFilter
from graph.measures.partners import CUSTOMER, OTHER, Accounts, grids, overlap, profile, similarity
from graph.model import BuyingRole
from loaders.mapping import read_mapping
from loaders.run import load
from queries.co_marketing_partners import co_marketing_partners
from queries.partner_set import partner_set

ROOT = Path(__file__).parents[2]


def rows(path):
    with (ROOT / "tests" / "data" / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def numbers(texts):
    known = sorted(set(texts) - {""})
    return np.array([known.index(text) if text else -1 for text in texts])


@pytest.mark.parametrize("industry", ["Fintech", "Healthcare", "Consumer"])
def test_to_who_sells_to_an_industry_that_industry_s_own_list_is_nearest(industry):
    """Every tag is a partner that serves those who bear it; of all tags of four companies or more the industry's own has most in common and is most
    alike.
    """
    companies = rows("yc_companies/yc_companies.csv")
    tags = sorted({tag for row in companies for tag in row["tags"].split("|") if tag})
    served = [(tags.index(tag), place) for place, row in enumerate(companies) for tag in row["tags"].split("|") if tag]
    everybody, nobody = np.ones(len(companies), bool), np.zeros(0, np.int64)
    theirs = Accounts.of((len(tags), len(companies)), tuple(map(np.array, zip(*served, strict=True))), (nobody, nobody), everybody)
    ours = np.array([row["industry"] == industry for row in companies])
    counts = grids(theirs, np.where(ours, CUSTOMER, OTHER), everybody)
    found = overlap(counts[:, 0, 0], int(ours.sum()), counts[:, :, 0].sum(1), len(companies))
    kinds = profile(
        numbers([row["industry"] for row in companies]),
        np.array([float(row["team_size"] or "nan") for row in companies]),
        np.full(len(companies), -1),
    )
    alike = similarity(theirs.both, ours, kinds)
    large = np.flatnonzero(found.theirs >= 4)
    assert tags[max(large, key=lambda tag: found.lift[tag])] == tags[max(large, key=lambda tag: alike[tag])] == industry


async def test_a_foundation_s_members_are_its_partners(store, settings):
    """Every member of the Cloud Native Computing Foundation in the cut, each company once."""
    mapping = read_mapping(ROOT / "samples" / "mappings" / "cncf_landscape.toml")
    await load(store, [ROOT / "tests" / "data" / "cncf_landscape"], mapping=mapping)
    found = await co_marketing_partners(store, await Context(store, settings).view(), first=1_000)
    members = {row["crunchbase"] or row["name"] for row in rows("cncf_landscape/landscape_items_2026.csv") if row["category"] == "CNCF Members"}
    assert {edge.node.partner.id for edge in found.edges} == {f"cncf:{member}" for member in members}
    assert {edge.node.score.missing for edge in found.edges} == {"TOO_FEW"} and {edge.node.shared.value for edge in found.edges} == {0}


async def test_executives_with_several_seats_open_the_boards_on_which_they_sit(store, settings, tmp_path):
    """Chairmen decide. Two of Minsheng Bank's board are chairmen elsewhere, two of Changjiang Securities', one of a company listed twice; each opens
    those boards surely, and no other, since nothing else is known of who knows whom.
    """
    seats = rows("cn_ashare_boards/import_executive_stock.csv")
    held = [(row[":START_ID(Executive)"], row[":END_ID(Stock)"], row["jobs"]) for row in seats]
    chairs = {(who, where) for who, where, job in held if "董事长" in job.split("/")}
    partners = ("600016", "783")
    extra = {
        "companies": "company_id,name,kinds\nus,我方,us\n",
        "company_links": "from_id,to_id,kind\n" + "".join(f"ashare:{partner},us,PARTNERS_WITH\n" for partner in partners),
        "roles": "person_id,role,company_id\n" + "".join(f"ashare:{who},DECISION_MAKER,ashare:{where}\n" for who, where in sorted(chairs)),
    }
    for kind, text in extra.items():
        (tmp_path / f"{kind}.csv").write_text(text, encoding="utf-8")
    await load(
        store, [ROOT / "tests" / "data" / "cn_ashare_boards"], mapping=read_mapping(ROOT / "samples" / "mappings" / "cn_ashare_executives.toml")
    )
    assert (await load(store, [tmp_path], reports_in=tmp_path / "reports")).total("rejected") == 0
    elsewhere = {where for _, where, _ in held} - {*partners}
    wanted = {partner: {where for who, where in chairs if where in elsewhere and (who, partner) in {one[:2] for one in held}} for partner in partners}
    assert {partner: len(some) for partner, some in wanted.items()} == {"600016": 2, "783": 3}
    view = await Context(store, settings).view()
    asked = AccountFilter(ids=[Id(f"ashare:{where}") for where in sorted(elsewhere)])
    found = {edge.node.partner.id: edge.node for edge in (await co_marketing_partners(store, view, filter=asked)).edges}
    for partner, some in wanted.items():
        one = found[f"ashare:{partner}"]
        told = next(row for row in one.opens if row.role is BuyingRole.DECISION_MAKER)
        assert told.accounts.value == len(some)
        assert one.complement == pytest.approx(0.25 * len(some) / len(elsewhere)), "of a quarter that the decider weighs at each"
    both = await partner_set(store, view, filter=asked, size=2)
    assert both.share == pytest.approx(0.25 * len(set().union(*wanted.values())) / len(elsewhere)) == pytest.approx(both.bound)
