"""Partners on real lists with known answers: the tags of Y Combinator's companies, and the members of a foundation."""

import csv
from pathlib import Path

import numpy as np
import pytest

from api.context import Context
from graph.measures.partners import CUSTOMER, OTHER, Accounts, grids, overlap, profile, similarity
from loaders.mapping import read_mapping
from loaders.run import load
from queries.co_marketing_partners import co_marketing_partners

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
