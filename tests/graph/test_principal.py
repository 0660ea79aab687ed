"""What grants come to: where somebody may do what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import Forbidden
from graph.model import GrantRole
from graph.principal import ROLES, Grant, inside, of_grants

VIEWER, EDITOR, STEWARD = ROLES
PARENTS = {"guangdong": None, "shenzhen": "guangdong", "nanshan": "shenzhen", "zhejiang": None, "hangzhou": "zhejiang"}
SOUTH = ("guangdong", "nanshan", "shenzhen")


def who(*grants):
    return of_grants("tang", [Grant(*grant) for grant in grants], inside(PARENTS))


@pytest.mark.parametrize(
    ("grants", "role", "scopes"),
    [
        ([], None, ((), (), ())),
        ([(VIEWER, "nanshan")], VIEWER, (("nanshan",), (), ())),
        ([(EDITOR, "guangdong")], EDITOR, (SOUTH, SOUTH, ())),
        ([(EDITOR, "shenzhen"), (VIEWER, "hangzhou")], EDITOR, (("hangzhou", "nanshan", "shenzhen"), ("nanshan", "shenzhen"), ())),
        ([(STEWARD, None)], STEWARD, (None, None, None)),
        ([(VIEWER, None), (STEWARD, "hangzhou")], STEWARD, (None, ("hangzhou",), ("hangzhou",))),
        ([(VIEWER, "nowhere")], VIEWER, (("nowhere",), (), ())),
    ],
)
def test_a_grant_covers_what_lies_within_and_the_lesser_roles(grants, role, scopes):
    principal = who(*grants)
    assert (principal.role, principal.scopes, principal.territories) == (role, scopes, scopes[0])


def test_whoever_has_no_grant_may_do_nothing_and_is_told_so():
    with pytest.raises(Forbidden, match="merge-entities is for the role steward, and nothing is granted to you"):
        who().within(STEWARD, "merge-entities")
    with pytest.raises(Forbidden, match="you are viewer"):
        who((VIEWER, None)).within(EDITOR, "assert-role")
    assert who((EDITOR, "zhejiang")).within(EDITOR, "assert-role") == ("hangzhou", "zhejiang")


def test_a_steward_of_a_part_is_no_steward_of_more():
    principal = who((STEWARD, "zhejiang"), (VIEWER, "nanshan"))
    assert principal.stewards(principal.scope(STEWARD))
    assert not principal.stewards(principal.scope(VIEWER))
    assert not who((VIEWER, None)).stewards(None)
    assert not who().stewards(())
    assert who((STEWARD, None)).stewards(("nanshan",))


def test_territories_in_a_circle_lie_within_each_other():
    assert inside({"a": "b", "b": "a", "c": "a", "d": "d"}) == {"a": {"a", "b", "c"}, "b": {"a", "b", "c"}, "c": {"c"}, "d": {"d"}}


IDS = st.sampled_from("abcdef")
GRANTS = st.lists(st.tuples(st.sampled_from(ROLES), st.none() | IDS).map(lambda parts: Grant(*parts)), max_size=4)


@given(st.dictionaries(IDS, st.none() | IDS), GRANTS)
def test_a_territory_is_in_scope_exactly_where_a_way_up_leads_to_a_grant(parents, grants):
    principal = of_grants("x", grants, inside(parents))
    for role in GrantRole:
        granted = {grant.territory for grant in grants if ROLES.index(grant.role) >= ROLES.index(role)}
        expected = set()
        for start in {*parents, *granted} - {None}:
            at, steps = start, 0
            while at is not None and at not in granted and steps < 10:
                at, steps = parents.get(at), steps + 1
            expected |= {start} if at in granted else set()
        scope = principal.scope(role)
        assert scope is None if None in granted else set(scope) == expected
