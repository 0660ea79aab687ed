"""Who is the same: stories of records that are one, or only look so, and what holds for any records."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.identity import Known, Says, entities, tie
from loaders.identity import AUTO, REVIEW, Record, contradictory, keys, links
from loaders.identity.companies import CompanyMatch, company_match, company_name, lei, registration, uscc
from loaders.identity.contacts import country_of, e164, is_role, mailbox, own_domain, page
from loaders.identity.people import NameMatch, name_match, person_name


def person(id_, name="", **known):
    return Record(id_, "Person", (name,) if name else (), **known)


def company(id_, *names, **known):
    return Record(id_, "Company", names, **known)


def merged(*records):
    """Pairs of ids that merge without a person's word."""
    return {(link.left, link.right) for link in links(records) if link.score >= AUTO}


def queued(*records):
    return {(link.left, link.right) for link in links(records) if link.score < AUTO}


# Forms


@pytest.mark.parametrize(
    ("one", "other", "match"),
    [
        ("王伟", "王偉", NameMatch.SAME),
        ("王伟", "Wang Wei", NameMatch.COMPATIBLE),
        ("王伟", "Wei WANG", NameMatch.COMPATIBLE),
        ("王小明", "Wang Xiao-Ming", NameMatch.COMPATIBLE),
        ("曾国藩", "Zeng Guofan", NameMatch.COMPATIBLE),
        ("欧阳娜娜", "Nana Ouyang", NameMatch.COMPATIBLE),
        ("吕布", "Lyu Bu", NameMatch.COMPATIBLE),
        ("王伟", "王薇", NameMatch.SIMILAR),
        ("王伟", "王芳", NameMatch.PARTIAL),
        ("王总", "王伟", NameMatch.PARTIAL),
        ("李 娜 女士", "李娜", NameMatch.SAME),
        ("Whitfield, Mr. Jonathan J S", "Jon Whitfield", NameMatch.COMPATIBLE),
        ("E Stell", "Edward Stell", NameMatch.INITIAL),
        ("Jürgen Müller", "Jurgen Muller", NameMatch.SAME),
        ("Jürgen Müller", "Juergen Mueller", NameMatch.SIMILAR),
        ("Jane Smith", "John Smith", NameMatch.PARTIAL),
        ("Ann Lee", "Bob Ray", NameMatch.DIFFERENT),
        ("Vacant", "Ann Lee", NameMatch.UNKNOWN),
        ("ann@acme.com", "Ann Lee", NameMatch.UNKNOWN),
    ],
)
def test_names_of_people_are_compared_across_scripts_orders_and_short_forms(one, other, match):
    assert name_match(person_name(one), person_name(other)) == name_match(person_name(other), person_name(one)) == match


@pytest.mark.parametrize(
    ("one", "other", "match"),
    [
        ("上海浦東發展銀行股份有限公司", "上海浦东发展银行股份有限公司", CompanyMatch.SAME),
        ("阿里巴巴（中国）有限公司", "阿里巴巴(中国)有限公司", CompanyMatch.SAME),
        ("阿里巴巴（中国）有限公司", "阿里巴巴中国有限公司", CompanyMatch.SAME),
        ("华为技术有限公司", "华为技术（上海）有限公司", CompanyMatch.CORE),
        ("西门子（上海）有限公司", "西门子（北京）有限公司", CompanyMatch.CORE),
        ("海尔集团", "海尔有限公司", CompanyMatch.CORE),
        ("招商银行", "招商银行股份有限公司", CompanyMatch.SAME),
        ("中国平安保险（集团）股份有限公司", "中国平安保险集团股份有限公司", CompanyMatch.SAME),
        ("ＡＣＭＥ　Ｃｏ．，　Ｌｔｄ．", "Acme Limited", CompanyMatch.SAME),
        ("IBM (China) Co., Ltd.", "IBM", CompanyMatch.CORE),
        ("Siemens (上海)", "Siemens (Shanghai)", CompanyMatch.SAME),
        ("IBM", "International Business Machines", CompanyMatch.PART),
        ("Société Générale S.A.", "Societe Generale", CompanyMatch.SAME),
        ("Bosch GmbH & Co. KG", "BOSCH", CompanyMatch.SAME),
        ("Microsoft Corp", "Micosoft", CompanyMatch.SIMILAR),
        ("Oregon State University", "Oregon State University Open Source Lab", CompanyMatch.PART),
        ("Acme", "Zenith", CompanyMatch.DIFFERENT),
    ],
)
def test_names_of_companies_are_compared_without_forms_width_script_and_brackets(one, other, match):
    assert company_match(company_name(one), company_name(other)) == company_match(company_name(other), company_name(one)) == match


def test_a_credit_code_and_an_entity_identifier_are_known_by_their_check_digits():
    assert uscc("91350100M000100Y43") == "91350100M000100Y43"
    assert uscc("91350100M000100Y44") == uscc("9135010OM000100Y43") == ""
    assert lei("5493 001K JTII GC8Y 1R12") == "5493001KJTIIGC8Y1R12"
    assert lei("5493001KJTIIGC8Y1R13") == ""
    assert registration("91350100m000100y43", None) == "uscc:91350100m000100y43"
    assert registration("00445790", "UK") == registration("445790", "GB") == "gb:445790"
    assert registration("445790", None) == "?:445790"


def test_mailboxes_phones_pages_domains_and_countries_have_one_form():
    assert mailbox("mailto:Ann.Lee+News@Acme.com") == "ann.lee@acme.com"
    assert mailbox("a.n.n@googlemail.com") == "ann@gmail.com"
    assert mailbox("n/a") == mailbox("ann@") == ""
    assert [is_role(f"{name}@acme.com") for name in ("info", "sales.cn", "support2", "ann.sales", "12345")] == [True, True, True, False, False]
    assert e164("138 1234 5678", "中国") == e164("+86-138-1234-5678") == "+8613812345678"
    assert e164("+44 (0)20 7946 0000 ext. 12", None) == "+442079460000;ext=12"
    assert e164("0049 30 1234567") == e164("+49 (30) 123-4567") == e164("＋49 30 1234567") == "+49301234567"
    assert e164("0049 30 1234567", "US") == e164("030 1234567") == ""
    assert e164("13812345678", None) == e164("call me", "CN") == ""
    assert page("https://www.LinkedIn.com/in/Ann-Lee/?trk=x") == page("cn.linkedin.com/in/ann-lee/zh-cn") == "linkedin.com/in/ann-lee"
    assert page("https://acme.com/") == ""
    assert own_domain("https://shop.acme.com.cn/x") == "acme.com.cn"
    assert own_domain("acme.github.io") == "acme.github.io"
    assert own_domain("ann@qq.com") == own_domain("github.com/acme") == own_domain("localhost") == ""
    assert [country_of(name) for name in ("USA", "uk", "香港", "臺灣", "Hong Kong", "Atlantis")] == ["US", "GB", "HK", "TW", "HK", None]


# Companies


def test_a_registration_number_joins_companies_of_any_name():
    assert merged(company("a", "招商银行", registration_no="91350100M000100Y43"), company("b", "CMB", registration_no="91350100m000100y43"))


def test_two_numbers_of_one_register_keep_companies_apart():
    one = company("a", "Acme Ltd", registration_no="01234567", country="GB", domain="acme.co.uk")
    assert not links([one, company("b", "Acme Ltd", registration_no="07654321", country="UK", domain="acme.co.uk")])


def test_a_domain_joins_companies_whose_names_agree():
    assert merged(company("a", "Acme Inc", domain="https://www.acme.com"), company("b", "ACME", mails=("ann@acme.com",)))


def test_a_domain_with_a_part_of_the_name_is_left_to_a_person():
    assert queued(
        company("a", "Oregon State University", domain="oregonstate.edu"), company("b", "Oregon State University Library", domain="oregonstate.edu")
    )


def test_the_domain_of_a_house_of_many_firms_joins_none():
    assert not links([company("a", "Alpha", domain="house.com"), company("b", "Alpha", domain="house.com"), company("c", "Beta", domain="house.com")])


def test_free_mail_and_sites_where_anyone_has_a_page_name_no_company():
    assert not links([company("a", "Alpha", mails=("alpha@qq.com",)), company("b", "Alpha Shop", mails=("beta@qq.com",))])
    assert not links([company("a", "Alpha", domain="github.com/alpha"), company("b", "Alpha Team", domain="github.com/beta")])


def test_a_company_is_never_merged_on_its_name_alone():
    assert not merged(company("a", "招商银行股份有限公司"), company("b", "招商银行股份有限公司"))
    assert not merged(company("a", "Acme Inc"), company("b", "Acme Inc"))


# People


def test_a_mailbox_joins_people_whose_names_agree():
    assert merged(person("a", "王伟", mails=("w.wang@acme.com",)), person("b", "Wei Wang", mails=("w.wang@acme.com",))) == {("a", "b")}
    assert merged(person("a", "Bob Smith", mails=("bob@acme.com",)), person("b", "Robert J. Smith", mails=("bob@acme.com",))) == {("a", "b")}


def test_a_new_family_name_at_the_same_mailbox_is_left_to_a_person():
    assert queued(person("a", "Jane Smith", mails=("jane@acme.com",)), person("b", "Jane Jones", mails=("jane@acme.com",))) == {("a", "b")}


def test_an_assistants_mailbox_joins_nobody():
    shared = ("office7@acme.com",)
    assert not links([person("a", "Ann Lee", mails=shared), person("b", "Bob Ray", mails=shared), person("c", "A. Lee", mails=shared)])


def test_a_role_mailbox_says_where_somebody_works_and_joins_nobody():
    assert queued(person("a", "Ann Lee", mails=("info@acme.com",)), person("b", "Ann Lee", mails=("info@acme.com",))) == {("a", "b")}
    assert not links([person("a", "Ann Lee", mails=("info@acme.com",)), person("b", "Bob Ray", mails=("info@acme.com",))])


def test_a_switchboard_joins_nobody():
    board = ("+862112345678",)
    assert not links([person("a", "李娜", phones=board), person("b", "王伟", phones=board), person("c", "李娜", phones=board)])
    assert not links([person("a", "李娜", phones=board), person("c", "李娜", phones=board), company("x", "Acme", phones=board)])


def test_a_mobile_number_joins_people_whose_names_agree():
    assert merged(person("a", "李娜", phones=("138 1234 5678",), country="中国"), person("b", "Li Na", phones=("+8613812345678",))) == {("a", "b")}


def test_a_profile_joins_people_whatever_its_address_looks_like():
    one = person("a", "Ann Lee", urls=("https://www.linkedin.com/in/ann-lee/",))
    assert merged(one, person("b", "Ann M. Lee", urls=("linkedin.com/in/ANN-LEE?trk=1",))) == {("a", "b")}


def test_somebody_anonymous_folds_into_the_one_who_bears_the_identifier():
    known = person("crm:1", "王伟", identifiers=("openid:o1",))
    assert merged(known, person("openid:o1", anonymous=True)) == {("crm:1", "openid:o1")}


def test_somebody_anonymous_folds_into_nobody_when_two_people_bear_the_identifier():
    bearers = [person("a", "Ann Lee", identifiers=("cookie:c",)), person("b", "Bob Ray", identifiers=("cookie:c",))]
    assert not merged(*bearers, person("cookie:c", anonymous=True))


def test_somebody_anonymous_at_a_mailbox_of_two_people_who_share_a_word_is_left_to_a_person():
    bearers = [person("a", "Jane Smith", mails=("smith@acme.com",)), person("b", "John Smith", mails=("smith@acme.com",))]
    unknown = person("mail:smith@acme.com", mails=("smith@acme.com",), anonymous=True)
    assert not merged(*bearers, unknown)
    assert {("a", "mail:smith@acme.com"), ("b", "mail:smith@acme.com")} <= queued(*bearers, unknown)


def test_a_chain_past_two_different_names_is_left_to_a_person():
    middle = person("m", identifiers=("cookie:1", "cookie:2"), anonymous=True)
    assert contradictory([person("a", "Ann Lee", identifiers=("cookie:1",)), person("b", "Bob Ray", identifiers=("cookie:2",)), middle])
    assert not contradictory([person("a", "Ann Lee", identifiers=("cookie:1",)), person("b", "Lee, Ann", identifiers=("cookie:2",)), middle])


def test_namesakes_are_two_people():
    assert not links([person("a", "王伟"), person("b", "王伟")])
    assert not links([person("a", "王伟", companies=("甲公司",)), person("b", "王伟", companies=("乙公司",))])


# What holds for any records

NAMES = st.sampled_from(
    ["王伟", "王偉", "Wang Wei", "Wei Wang", "王薇", "李娜", "Ann Lee", "Lee, Ann", "A. Lee", "Ann Leigh", "Bob Ray", "Robert Ray", "Vacant", ""]
)
FIRMS = st.sampled_from(["招商银行", "招商銀行股份有限公司", "Acme", "ACME Inc.", "Acme (China) Ltd", "Acme Labs", "Amce", "Zenith", ""])


def some(*values):
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


PEOPLE = st.builds(
    Record,
    st.just(""),
    st.just("Person"),
    NAMES.map(lambda name: (name,) if name else ()),
    some("a@acme.com", "b@acme.com", "info@acme.com", "wei@qq.com"),
    some("+8613812345678", "138 1234 5678", "+44 20 7946 0000"),
    some("linkedin.com/in/a", "https://www.linkedin.com/in/a/", "linkedin.com/in/b"),
    some("openid:1", "cookie:2"),
    FIRMS.map(lambda name: (name,) if name else ()),
    some("CFO", "Chief Financial Officer", "采购总监"),
    country=st.sampled_from([None, "CN", "UK"]),
    anonymous=st.booleans(),
)
COMPANIES = st.builds(
    Record,
    st.just(""),
    st.just("Company"),
    FIRMS.map(lambda name: (name,) if name else ()),
    some("a@acme.com", "x@qq.com"),
    some("+862112345678"),
    some("linkedin.com/company/acme", "crunchbase.com/organization/acme"),
    some("crm:1"),
    registration_no=st.sampled_from([None, "91350100M000100Y43", "1234567"]),
    domain=st.sampled_from([None, "acme.com", "www.acme.com", "acme.cn", "github.com"]),
    country=st.sampled_from([None, "CN", "UK"]),
)
MARKET = st.lists(st.one_of(PEOPLE, COMPANIES), max_size=8).map(
    lambda records: [record._replace(id=f"r{place}") for place, record in enumerate(records)]
)


@given(MARKET, st.randoms(use_true_random=False))
def test_links_are_free_of_order_and_sorted(records, random):
    found = links(records)
    shuffled = random.sample(records, len(records))
    assert links(shuffled) == found == sorted(found)
    assert all(link.left < link.right and REVIEW <= link.score <= 1 and link.why for link in found)


@given(MARKET)
def test_every_link_shares_a_key_and_a_label(records):
    by_id = {record.id: record for record in records}
    for link in links(records):
        left, right = by_id[link.left], by_id[link.right]
        assert left.label == right.label
        assert not set(keys(left)).isdisjoint(keys(right))


@given(MARKET, st.integers(0, 8))
def test_what_is_in_the_graph_already_is_compared_like_what_comes(records, cut):
    new = {record.id for record in records[cut:]}
    asked = {link[:3] for link in links(records) if not new.isdisjoint(link[:2])}
    assert {link[:3] for link in links(records[cut:], records[:cut])} == asked


@given(MARKET)
def test_nobody_is_merged_on_a_name_alone(records):
    bare = [
        record._replace(mails=(), phones=(), urls=(), identifiers=(), companies=(), titles=(), registration_no=None, domain=None, country=None)
        for record in records
    ]
    assert not [link for link in links(bare) if link.score >= AUTO]


@given(MARKET)
@settings(max_examples=200)
def test_merging_never_joins_people_of_different_names(records):
    by_id = {record.id: record for record in records}
    ties = [tie(link.left, link.right, True, link.rule, link.score, link.why) for link in links(records)]
    component, _ = entities({id_: Known("", 0, Says()) for id_ in by_id}, ties, lambda ids: contradictory([by_id[id_] for id_ in ids]))
    for one, other in combinations([record for record in records if record.label == "Person" and not record.anonymous], 2):
        if component[one.id] == component[other.id]:
            names = [person_name(name) for record in (one, other) for name in record.names]
            assert len(names) < 2 or name_match(*names) != NameMatch.DIFFERENT


@given(st.text(), st.text())
def test_any_text_is_compared_alike_from_both_sides(one, other):
    assert name_match(person_name(one), person_name(other)) == name_match(person_name(other), person_name(one))
    assert company_match(company_name(one), company_name(other)) == company_match(company_name(other), company_name(one))
    text = Record("a", "Person", (one,), (other,), (one,), (other,), (one,), (other,), (one,), other, one, other)
    assert keys(text) == sorted(set(keys(text)))
    assert keys(text._replace(label="Company")) == keys(text._replace(label="Company"))
