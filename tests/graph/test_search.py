"""What a person types never becomes syntax, and the text form of a filter says the same as the filter."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import InvalidInput
from graph.filter import AccountFilter, CampaignFilter, OpportunityFilter, PersonFilter, parsed, segment_of
from graph.model import CompanyKind, Outcome
from graph.search import NOTHING, lucene


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("华为", '"华为"'),
        ("华", "华*"),
        ("华为Huawei 5G", '"华为" AND huawei* AND 5g*'),
        ("Bank of China", "bank* AND china*"),
        ("The", "the*"),
        ("Ｈｕａｗｅｉ", "huawei*"),
        ("node.js", r"(node\.js* OR (node* AND js*))"),
        ("NOT", "not*"),
        ("*:* ()", NOTHING),
        ("   ", NOTHING),
    ],
)
def test_a_text_as_a_query(typed, query):
    assert lucene(typed) == query


@given(st.text(max_size=40))
def test_every_sign_that_lucene_knows_is_ours_or_escaped(typed):
    """Outside quoted CJK texts, our brackets, AND, OR and stars stands nothing but letters, digits and escaped characters."""
    bare = re.sub(r'"[^"\\]*"', "", re.sub(r"\\.", "", lucene(typed), flags=re.S))
    assert all(character.isalnum() or character in "*() " for character in bare)
    assert bare.count("(") == bare.count(")")


def test_a_long_text_is_refused():
    with pytest.raises(InvalidInput, match="Give fewer words"):
        lucene("a" * 201)


def test_the_text_form_of_a_filter():
    assert parsed("industry=bank;Province=广东, 江苏; tier=1,2;include-subsidiaries=true;kinds=account", AccountFilter) == AccountFilter(
        industry=["bank"], province=["广东", "江苏"], tier=[1, 2], include_subsidiaries=True, kinds=[CompanyKind.ACCOUNT]
    )
    assert parsed("ids=a;outcome=won", OpportunityFilter) == OpportunityFilter(ids=["a"], outcome=[Outcome.WON])
    assert parsed("doNotContact=no", PersonFilter) == PersonFilter(do_not_contact=False)
    assert parsed("", CampaignFilter) == CampaignFilter()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("colour=red", "'colour=red' is no term"),
        ("tier", "is no term"),
        ("tier=", "lacks its values"),
        ("tier=one", "whole numbers"),
        ("tier=1;tier=2", "stands twice"),
        ("kinds=friend", "It takes us, account"),
        ("includeSubsidiaries=perhaps", "It takes true"),
        ("includeSubsidiaries=yes,no", "takes one value"),
        ("segment=s1", "cannot be made of segments"),
        (" ; ", "says nothing"),
    ],
)
def test_a_filter_that_cannot_be_used_says_why(text, says):
    with pytest.raises(InvalidInput, match=says):
        segment_of(text)
