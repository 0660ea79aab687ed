"""The measured market is one that anybody can make again."""

from bench.lay import lay
from bench.market import AS_OF, changed, employer, market, write
from graph.instants import period
from loaders.kinds import KIND
from loaders.run import load
from queries.funnel import funnel

PEOPLE = 150


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_seed_is_the_same_bytes_and_another_is_not(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write(market(PEOPLE, seed), tmp_path / name)
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b") != bytes_of(tmp_path / "c")


def test_a_market_has_every_kind_with_known_columns_and_its_large_companies():
    frames = market(10_000)
    assert set(frames) == set(KIND)
    for kind, frame in frames.items():
        assert len(frame) and set(frame.columns) <= {column.name for column in KIND[kind].every_column}
    sizes = frames["employments"].query("valid_to == ''")["company_id"].value_counts()
    assert [sizes[employer(frames, size)] for size in (8, 500, 5_000)] == [8, 500, 5_000]
    assert 6 <= sizes.median() <= 10
    assert 0.2 <= frames["people"]["name"].str.isascii().mean() <= 0.8, "a company speaks one language, and half of these people work at one"


async def test_a_small_market_loads_whole_and_its_changed_rows_are_all_that_changes(store, tmp_path):
    frames = market(PEOPLE)
    later = changed(frames, 0.1)
    write(frames, tmp_path / "first")
    write(later, tmp_path / "later")
    moved = {kind for kind, frame in frames.items() if not frame.equals(later[kind])}
    first = await load(store, [tmp_path / "first"], as_of=period(AS_OF)[0])
    again = await load(store, [tmp_path / "first"], as_of=period(AS_OF)[0])
    second = await load(store, [tmp_path / "later"], as_of=period(AS_OF)[0])
    assert [report.total("rejected") for report in (first, again, second)] == [0, 0, 0]
    assert (again.total("created"), again.total("changed"), again.total("unchanged")) == (0, 0, first.total("created"))
    assert {kind for kind, counts in second.kinds.items() if counts.created + counts.changed} == moved >= {"people", "reporting"}


async def test_a_laid_market_answers_as_one_that_was_loaded(store, view):
    """What is measured at scales that no load reaches in time: people stand in the funnel, and by their few events."""
    await lay(store, 300, 1, 1)
    found = await funnel(store, await view(), first=300)
    assert 200 < found.total_count < 300
    assert any(edge.node.spoke_at for edge in found.edges)
