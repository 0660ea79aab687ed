"""The sample market's worked example: the page is what the slow method makes of the files, and the product says the same."""

import pytest

from api.context import Context
from api.render.coverage import svg
from api.render.influence_paths import svg as ways
from api.render.segment_coverage import svg as heat_map
from graph.instants import at_moment, period
from loaders.run import load
from queries.coverage import coverage
from queries.influence_paths import influence_paths
from queries.segment_coverage import segment_coverage
from tests.slow import Slow
from tests.worked_example import ACCOUNT, AT, PAGE, ROOT, page


def test_the_page_is_the_slow_methods():
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.worked_example writes it"


@pytest.mark.parametrize("account", [ACCOUNT, "linghai", "yunxi", "jinhe", "beiyu"])
async def test_the_product_says_the_same(store, ask, account):
    await load(store, [ROOT / "samples" / "market"])
    slow = Slow.of(ROOT / "samples" / "market", AT)
    fields = """score { value low high } knownShare optimistic
      roles { role weight state score { value low high } holders { personId state coverage { value } } }"""
    answer = await ask(f'{{ account(id: "{account}") {{ coverage(asOf: "{AT}Z") {{ {fields} }} }} }}')
    found, expected = answer["data"]["account"]["coverage"], slow.coverage(account)
    assert found["score"] == {name: None if expected[name] is None else pytest.approx(expected[name]) for name in ("value", "low", "high")}
    assert found["knownShare"] == pytest.approx(expected["known"])
    assert [one["role"] for one in found["roles"]] == sorted(expected["roles"], key=[one["role"] for one in found["roles"]].index)
    for one in found["roles"]:
        role = expected["roles"][one["role"]]
        assert (one["score"]["value"], one["state"], one["weight"]) == (
            None if role["value"] is None else pytest.approx(role["value"]),
            role["state"],
            pytest.approx(role["weight"]),
        )
        assert [node["personId"] for node in one["holders"]] == role["holders"]
        for node in one["holders"]:
            assert node["coverage"]["value"] == pytest.approx(slow.close(node["personId"]))


async def test_the_committed_pictures_are_what_the_commands_draw(store, settings):
    await load(store, [ROOT / "samples" / "market"], as_of=period("2026-06-30")[0])
    view = await Context(store, settings).view(as_of=at_moment(period("2026-06-30")[1] - 1))
    drawn = svg((await coverage(store, view, ["linghai"]))["linghai"]) + "\n"
    matrix = heat_map(await segment_coverage(store, view)) + "\n"
    lanes = ways((await influence_paths(store, view, ["zhou-ying"]))["zhou-ying"]) + "\n"
    for name, picture in (("coverage", drawn), ("segment-coverage", matrix), ("influence-paths", lanes)):
        committed = ROOT / "docs" / "pictures" / f"{name}.svg"
        assert committed.read_text(encoding="utf-8") == picture, "see docs/pictures/README.md"
