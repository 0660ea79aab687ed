"""Entities follow from ties and decisions, whatever their order."""

import random
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from graph.identity import AUTO, Known, Says, components, first_known, id_ties, tie

NAMES = "abcdef"
PEOPLE = {name: Known("", since, Says(identified=True)) for since, name in enumerate(NAMES)}
PAIRS = list(combinations(NAMES, 2))


def same(left, right, score=1.0, revision=0):
    return tie(left, right, True, "rule", score, ["why"], None, revision)


def apart(left, right, revision):
    return tie(left, right, False, "by hand", 1.0, ["why"], None, revision)


ties = st.lists(
    st.one_of(
        st.builds(lambda pair, score: same(*pair, score), st.sampled_from(PAIRS), st.sampled_from([0.9, 0.95, AUTO, 0.995, 1.0])),
        st.builds(lambda pair, revision: same(*pair, 1.0, revision), st.sampled_from(PAIRS), st.integers(1, 9)),
        st.builds(lambda pair, revision: apart(*pair, revision), st.sampled_from(PAIRS), st.integers(1, 9)),
    ),
    max_size=12,
    unique_by=lambda each: (each.pair, each.revision),
)


def slowly(told):
    """The same by trying every tie, the strongest first, on a plain list of sets."""
    latest = {}
    for each in sorted((each for each in told if each.revision), key=lambda each: each.revision):
        latest[each.pair] = each
    forbidden = [set(pair) for pair, each in latest.items() if not each.same]
    groups = [{name} for name in NAMES]
    for each in sorted(told, key=lambda each: (-each.revision, -each.score, each.pair)):
        if each.same and each.score >= AUTO and latest.get(each.pair, each).same:
            joined = set().union(*(group for group in groups if group & set(each.pair)))
            if not any(pair <= joined for pair in forbidden):
                groups = [group for group in groups if not group & joined] + [joined]
    return sorted(map(sorted, groups))


def groups_of(of):
    return sorted(sorted(name for name in of if of[name] == entity) for entity in set(of.values()))


@given(ties, st.randoms())
def test_components_equal_the_slow_way_in_any_order(told, chance: random.Random):
    shuffled = chance.sample(told, len(told))
    of = components(PEOPLE, shuffled)
    assert groups_of(of) == slowly(told)
    assert all(entity == min(name for name in of if of[name] == entity) for entity in of.values())


@given(ties)
def test_two_whose_latest_decision_keeps_them_apart_are_never_one(told):
    of = components(PEOPLE, told)
    for pair in PAIRS:
        decisions = [each for each in told if each.pair == pair and each.revision]
        if decisions and not max(decisions, key=lambda each: each.revision).same:
            assert of[pair[0]] != of[pair[1]]


def test_a_chain_between_two_who_are_apart_breaks_at_its_weakest_tie():
    told = [same("a", "b", 0.999), same("b", "c", 0.991), same("c", "d", 0.995), apart("a", "d", 1)]
    assert groups_of(components(PEOPLE, told)) == [["a", "b"], ["c", "d"], ["e"], ["f"]]


def test_what_a_person_said_last_counts():
    told = [same("a", "b"), apart("a", "b", 1)]
    assert components(PEOPLE, told)["b"] == "b"
    assert components(PEOPLE, [*told, same("a", "b", 1.0, 2)])["b"] == "a"


def test_what_files_say_gives_way_to_a_person_whoever_spoke_last():
    files = [tie("a", "b", False, "in a file", 1.0, ["declared"], source, number) for source, number in (("crm", 1), ("hr", 9))]
    found = same("a", "b")
    assert components(PEOPLE, [found, *files])["b"] == "b"
    assert components(PEOPLE, [found, *files[1:]])["b"] == "b", "each says it for itself"
    assert components(PEOPLE, [found, *files, same("a", "b", 1.0, 2)])["b"] == "a"
    assert components(PEOPLE, [found, *files, same("a", "b", 1.0, 2), apart("a", "b", 3)])["b"] == "b"


def test_who_gives_the_id():
    named = Says(identified=True)
    assert first_known({"z": Known("", 1, named), "a": Known("", 2, named)}) == "z", "the one known first"
    assert first_known({"z": Known("", 1, named), "a": Known("", 1, named)}) == "a", "of one write the smaller id"
    assert first_known({"cookie": Known("", 1, Says()), "p": Known("", 2, named)}) == "p", "a bare identifier gives none"
    claims = named._replace(aliases=frozenset({"a"}))
    assert first_known({"z": Known("", 1, claims), "a": Known("", 1, named)}) == "z", "the one that names the other as its alias"
    assert first_known({"z": Known("", 1, claims), "a": Known("a", 1, named)}) == "a", "the one that gave it before"


def test_an_id_that_several_claim_ties_none():
    assert [each.pair for each in id_ties({"a": ["b"], "c": ["d", "e"], "f": ["f"]})] == [("a", "b")]


def test_what_a_record_says_is_written_and_read():
    says = Says(frozenset({"李伟"}), frozenset({"mail:a@b.c"}), identified=True)
    assert Says.read(says.written()) == says
    assert says.joined(Says(titles=frozenset({"CIO"}))) == says._replace(titles=frozenset({"CIO"}))
