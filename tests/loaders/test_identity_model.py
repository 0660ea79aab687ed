"""The model where nothing identifies: what its weights mean, when it merges, and how it does on labelled people and companies."""

import csv
from collections import Counter
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.identity import AUTO, REVIEW, Record, links, model
from loaders.identity.companies import CompanyMatch
from loaders.identity.contacts import e164
from loaders.identity.people import NameMatch, name_match, person_name
from loaders.identity.titles import TitleMatch, title, title_match

LABELLED = Path(__file__).parents[1] / "data" / "identity"


def colleague(id_, name, title=None, company="Acme Ltd", **known):
    return Record(id_, "Person", (name,), companies=(company,), titles=(title,) if title else (), **known)


def score(*records):
    found = links(records)
    return found[0].score if found else 0.0


# Titles


@pytest.mark.parametrize(
    ("one", "other", "match"),
    [
        ("CFO", "Chief Financial Officer", TitleMatch.SAME),
        ("首席财务官", "CFO", TitleMatch.SAME),
        ("VP, Sales", "Sales Vice President", TitleMatch.SAME),
        ("Director of Finance", "Finance Director", TitleMatch.SAME),
        ("采购总监", "採購總監", TitleMatch.SAME),
        ("董事", "独立董事", TitleMatch.SIMILAR),
        ("Head of Procurement", "Head of Procurement, Asia", TitleMatch.SIMILAR),
        ("CFO", "IT Director", TitleMatch.DIFFERENT),
        ("采购总监", "工程师", TitleMatch.DIFFERENT),
        ("", "CFO", TitleMatch.UNKNOWN),
    ],
)
def test_titles_are_compared_by_their_words_with_short_forms_written_out(one, other, match):
    assert title_match(title(one), title(other)) == title_match(title(other), title(one)) == match


# Weights


@pytest.mark.parametrize("label", ["Person", "Company"])
def test_the_weights_are_shares_of_pairs_that_are_one_and_of_pairs_that_are_two(label):
    own = model.weights(label)
    for field, levels in own.fields.items():
        for column in zip(*levels.values(), strict=True):
            assert sum(column) == pytest.approx(1, abs=0.01), field
            assert all(0 < value <= 1 for value in column), field
    assert all(own.rare[field] <= 1 and all(0 < share <= 1 for share in shares.values()) for field, shares in own.shares.items())


def test_every_level_of_a_comparison_has_a_weight():
    levels = {("Person", "name"): NameMatch, ("Person", "title"): TitleMatch, ("Company", "name"): CompanyMatch}
    for (label, field), kind in levels.items():
        assert set(model.weights(label).fields[field]) == {level.name for level in kind if level.name != "UNKNOWN"}
    assert set(model.weights("Company").fields["country"]) == set(model.PLACES)
    assert set(model.weights("Company").fields["domain"]) == set(model.SITES)


def test_the_odds_are_those_before_looking_times_what_each_field_says():
    before = model.weights("Person").prior
    assert model.probability("Person", []) == pytest.approx(before)
    two = [model.Evidence("name", 300.0, ""), model.Evidence("title", 0.5, "")]
    odds = before / (1 - before) * 150
    assert model.probability("Person", two) == pytest.approx(odds / (1 + odds))


def test_a_name_that_many_bear_says_less_than_one_that_few_bear():
    def says(one, other):
        names = person_name(one), person_name(other)
        return model.of_names(*names, name_match(*names)).factor

    assert says("王伟", "王伟") < says("王伟琦", "王伟琦") < says("欧阳娜娜", "欧阳娜娜")
    assert says("王伟", "Wang Wei") < says("王伟", "王伟"), "many names are written Wang Wei"
    assert says("John Smith", "John Smith") < says("Darcel Schlecht", "Darcel Schlecht")
    assert says("A. Lee", "Ann Lee") < says("Ann Lee", "Ann Lee")


def test_a_title_that_many_hold_says_less_than_one_that_few_hold():
    def says(one, other):
        (said,) = model.of_titles([one], [other])
        return said.factor

    assert says("董事", "董事") < model.TELLING < says("采购总监", "采购总监")
    assert says("CFO", "IT Director") < 1
    assert not model.of_titles([], ["CFO"])


# When the model merges


def test_colleagues_of_one_name_and_title_are_one_however_they_are_written():
    assert (
        score(colleague("crm:1", "Darcel Schlecht", "CFO"), colleague("list:1", "Schlecht, Darcel", "Chief Financial Officer", "ACME Limited"))
        >= AUTO
    )
    assert score(colleague("crm:1", "欧阳娜娜", "采购总监", "招商银行"), colleague("list:1", "歐陽娜娜", "採購總監", "招商銀行股份有限公司")) >= AUTO


@pytest.mark.parametrize(
    ("name", "title", "why"),
    [
        ("Darcel Schlecht", None, "nothing is known of the title"),
        ("Darcel Schlecht", "IT Director", "another title"),
        ("D. Schlecht", "CFO", "but an initial"),
        ("Darcel Schlect", "CFO", "a slip"),
    ],
)
def test_colleagues_who_agree_in_less_are_left_to_a_person(name, title, why):
    assert score(colleague("crm:1", "Darcel Schlecht", "CFO"), colleague("list:1", name, title)) < AUTO, why


def test_colleagues_of_a_common_name_and_post_are_not_even_mentioned():
    assert not links([colleague("crm:1", "王伟", "董事"), colleague("list:1", "Wang Wei", "董事")])
    assert not links([colleague("crm:1", "张敏"), colleague("list:1", "张敏")])


def test_a_second_mailbox_or_profile_keeps_colleagues_from_merging():
    one = colleague("crm:1", "Darcel Schlecht", "CFO", mails=("d.schlecht@acme.com",), urls=("linkedin.com/in/darcel",))
    (link,) = links([one, colleague("list:1", "Darcel Schlecht", "CFO", mails=("schlecht2@acme.com",))])
    assert REVIEW <= link.score < AUTO
    assert link.why[-1].startswith("e-mail: each has another mailbox at acme.com (")
    assert score(one, colleague("list:1", "Darcel Schlecht", "CFO", urls=("linkedin.com/in/schlecht",))) < AUTO


def test_one_source_that_knows_colleagues_under_two_ids_leaves_them_to_a_person():
    (link,) = links([colleague("crm:1", "Darcel Schlecht", "CFO"), colleague("crm:2", "Darcel Schlecht", "CFO")])
    assert REVIEW <= link.score < AUTO
    assert link.why[-1] == "source: it is one that knows them under two ids."
    assert score(colleague("p1", "Darcel Schlecht", "CFO"), colleague("p2", "Darcel Schlecht", "CFO")) < AUTO, "ids as written may be of one source"


def test_a_sister_company_is_another_employer():
    here, there = (
        colleague("crm:1", "欧阳娜娜", "采购总监", "华为技术有限公司"),
        colleague("list:1", "欧阳娜娜", "采购总监", "华为技术（上海）有限公司"),
    )
    assert REVIEW <= score(here, there) < AUTO


def test_a_name_that_several_people_bear_at_an_employer_tells_nothing_there():
    crowd = [colleague(f"crm:{place}", "Darcel Schlecht", "CFO", mails=(f"schlecht{place}@acme.com",)) for place in range(3)]
    assert links(crowd[:2])
    assert not links(crowd)
    assert not links([*crowd, colleague("list:x", "D. Schlecht", "CFO"), colleague("list:y", "Schlecht, Darcel", "CFO")])
    assert links([*crowd, colleague("list:x", "Darcel Schlecht", "CFO", "Zenith"), colleague("crm:y", "Darcel Schlecht", "CFO", "Zenith")])


def test_people_of_different_employers_are_never_met():
    assert not links([colleague("crm:1", "Darcel Schlecht", "CFO"), colleague("list:1", "Darcel Schlecht", "CFO", "Zenith")])


def test_a_review_says_what_agrees_and_how_much_that_tells():
    (link,) = links([colleague("crm:1", "Darcel Schlecht", "CFO"), colleague("list:1", "Darcel Schlecht", "IT Director", "ACME")])
    name, employer, title = link.why
    assert name.startswith("name: Darcel Schlecht and Darcel Schlecht: they are the same (") and name.endswith("times as likely of one).")
    assert employer == "employer: Acme Ltd and ACME: they are the same."
    assert title == "title: they differ (4 times as likely of two)."


def test_companies_of_one_name_are_for_review_only_where_the_name_is_rare_and_the_domains_do_not_differ():
    def firm(id_, name, **known):
        return Record(id_, "Company", (name,), **known)

    assert REVIEW <= score(firm("a", "Betasoloin", country="KE"), firm("b", "BETASOLOIN Ltd", country="Kenya")) < AUTO
    assert not links([firm("a", "Betasoloin", country="KE"), firm("b", "Betasoloin", country="NO")])
    assert not links([firm("a", "Atlas", country="US"), firm("b", "Atlas", country="US")])
    assert not links([firm("a", "Castle", domain="entercastle.com", country="US"), firm("b", "Castle", domain="castle.io", country="US")])
    assert REVIEW <= score(firm("a", "Betasoloin", domain="betasoloin.com"), firm("b", "Betasoloin", domain="betasoloin.cn")) < AUTO


# On labelled records


def labelled(name):
    """Records of a file, and who each is."""
    with (LABELLED / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    made = [
        Record(
            row["id"],
            row["label"],
            (row["name"],),
            companies=tuple(filter(None, [row["company"]])),
            titles=tuple(filter(None, row["titles"].split(";"))),
            domain=row["domain"] or None,
            country=row["country"] or None,
        )
        for row in rows
    ]
    return made, {row["id"]: row["truth"] for row in rows}


@pytest.mark.parametrize(("name", "at_auto", "at_review"), [("people", 0.5, 0.85), ("companies", 0.75, 0.85)])
def test_of_labelled_records_none_merges_falsely_and_most_are_found(name, at_auto, at_review):
    records, truth = labelled(name)
    pairs = sum(count * (count - 1) // 2 for count in Counter(truth.values()).values())
    found = links(records)
    right = [truth[link.left] == truth[link.right] for link in found]
    merged = [ok for ok, link in zip(right, found, strict=True) if link.score >= AUTO]
    assert all(merged)
    assert sum(merged) / pairs >= at_auto
    assert sum(right) / pairs >= at_review
    assert sum(right) / len(found) >= 0.95


# Numbers


@given(st.from_regex(r"(\+86 ?)?1[0-9]{2}[ -]?[0-9]{4}[ -]?[0-9]{4}", fullmatch=True), st.sampled_from(["CN", "中国", None, "UK"]))
def test_a_chinese_mobile_number_is_read_as_the_library_reads_it(text, country):
    code = {"中国": "CN", "UK": "GB"}.get(country, country)
    try:
        number = phonenumbers.parse(text, code)
        expected = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if phonenumbers.is_possible_number(number) else ""
    except phonenumbers.NumberParseException:
        expected = ""
    assert e164(text, country) == expected
