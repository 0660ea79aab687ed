"""What job titles say, in English and Chinese: the traps, real titles of three public sets, and what holds for every text."""

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import BuyingRole
from graph.titles import ORDER, Function, Level, read_title

DATA = Path(__file__).parent.parent / "data"


@pytest.mark.parametrize(
    ("title", "level", "function"),
    [
        ("总经理", "CHIEF", "GENERAL_MANAGEMENT"),
        ("集团总经理", "CHIEF", "GENERAL_MANAGEMENT"),
        ("采购部总经理", "DIRECTOR", "PROCUREMENT"),
        ("华南区总经理", "DIRECTOR", None),
        ("副总经理", "VICE_PRESIDENT", "GENERAL_MANAGEMENT"),
        ("常务副总经理", "VICE_PRESIDENT", "GENERAL_MANAGEMENT"),
        ("法律合规部副总经理", "HEAD", "LEGAL"),
        ("销售副总裁", "VICE_PRESIDENT", "SALES"),
        ("副总裁兼首席信息官", "CHIEF", "INFORMATION_TECHNOLOGY"),
        ("首席信息安全官", "CHIEF", "SECURITY"),
        ("副首席信息官", "VICE_PRESIDENT", "INFORMATION_TECHNOLOGY"),
        ("首席数据架构师", "SENIOR", "INFORMATION_TECHNOLOGY"),
        ("客户经理", "SENIOR", "SALES"),
        ("产品经理", "SENIOR", "PRODUCT"),
        ("总经理助理", "STAFF", "ADMINISTRATION"),
        ("董事长秘书", "STAFF", "ADMINISTRATION"),
        ("董事会秘书", "CHIEF", "LEGAL"),
        ("行长办公室主任", "MANAGER", "ADMINISTRATION"),
        ("国资处采购科长", "MANAGER", "PROCUREMENT"),
        ("IT总监", "DIRECTOR", "INFORMATION_TECHNOLOGY"),
        ("ＩＴ总监", "DIRECTOR", "INFORMATION_TECHNOLOGY"),
        ("总工程师", "CHIEF", "ENGINEERING"),
        ("工程师", "STAFF", "ENGINEERING"),
        ("高级工程师", "SENIOR", "ENGINEERING"),
        ("Assistant to the CEO", "STAFF", "ADMINISTRATION"),
        ("CEO's Assistant", "STAFF", "ADMINISTRATION"),
        ("Chief of Staff to the CEO", "MANAGER", None),
        ("Office of the CEO", None, "ADMINISTRATION"),
        ("CEO/Co-founder", "CHIEF", "GENERAL_MANAGEMENT"),
        ("CTO &amp; Co-founder", "CHIEF", "ENGINEERING"),
        ("Chief Information and Community Relations Officer at City of Raleigh", "CHIEF", "INFORMATION_TECHNOLOGY"),
        ("President, Sales", "DIRECTOR", "SALES"),
        ("VP of Engineering, HP Helion Platform", "VICE_PRESIDENT", "ENGINEERING"),
        ("Sr. Director, Products", "DIRECTOR", "PRODUCT"),
        ("Director Human Resources", "DIRECTOR", "HUMAN_RESOURCES"),
        ("Head of Veteran's Services", "HEAD", "SERVICE"),
        ("Head of Function - Chief Executive's Directorate", "HEAD", None),
        ("Deputy Director", "HEAD", None),
        ("Assistant Director (Human Resources)", "HEAD", None),
        ("Account Manager Europe", "SENIOR", "SALES"),
        ("Product Owner", "SENIOR", "PRODUCT"),
        ("Project Manager", "SENIOR", "PROJECT"),
        ("Executive Assistant", "STAFF", "ADMINISTRATION"),
        ("Non-Executive Director", "BOARD", None),
        ("Former CEO", None, None),
        ("前总经理", None, None),
        ("原总经理", None, None),
        ("退休局长", None, None),
        ("原财务总监", None, None),
        ("前端工程师", "STAFF", "ENGINEERING"),
        ("前台主管", "MANAGER", None),
        ("前厅经理", "MANAGER", None),
        ("原料采购经理", "MANAGER", "PROCUREMENT"),
        ("原材料部总经理", "DIRECTOR", None),
        ("Troublemaker/Artisan", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_a_title_in_words(title, level, function):
    said = read_title(title)
    assert (said.level, said.function) == (level, function)


def test_an_acting_post_keeps_its_level_and_says_so():
    assert [(said.level, said.acting) for said in map(read_title, ("Acting Permanent Secretary", "代董事长/董事", "董事长"))] == [
        (Level.CHIEF, True),
        (Level.CHIEF, True),
        (Level.CHIEF, False),
    ]


def test_roles_follow_from_level_and_function_and_from_all_posts():
    def roles(*title):
        return {guess.role: guess.sure for guess in read_title(*title).roles}

    assert roles("财务总监") == {BuyingRole.ECONOMIC_BUYER: 0.6}
    assert roles("总经理") == {BuyingRole.DECISION_MAKER: 0.6, BuyingRole.EXECUTIVE_SPONSOR: 0.4}
    assert roles("CTO & Co-founder")[BuyingRole.DECISION_MAKER] == 0.6
    assert roles("Executive Assistant") == {BuyingRole.GATEKEEPER: 0.5}
    assert roles("Student") == {}


def test_the_department_tells_the_function_where_the_title_does_not_and_less_surely():
    assert read_title("主任", "采购办") == read_title("主任", "采购办")
    said = read_title("Director", "Finance")
    assert (said.level, said.function, said.function_sure) == (Level.DIRECTOR, Function.FINANCE, 0.4)
    assert read_title("IT Director", "Finance").function is Function.INFORMATION_TECHNOLOGY
    assert read_title("独立董事", "财务部").function is None, "a seat on the board is in no department"


def test_every_kind_of_seat_on_a_chinese_board():
    with (DATA / "cn_ashare_executives" / "import_executive_stock.csv").open(encoding="utf-8") as file:
        kinds = {row["jobs"] for row in csv.DictReader(file)}
    levels = {kind: read_title(kind).level for kind in kinds}
    assert {kind for kind, level in levels.items() if level is Level.CHIEF} == {kind for kind in kinds if kind.startswith("董事长/")}
    assert {kind for kind, level in levels.items() if level is Level.VICE_PRESIDENT} == {kind for kind in kinds if kind.startswith("副董事长/")}
    assert all(level is Level.BOARD for kind, level in levels.items() if "长" not in kind)


def test_of_posts_of_the_civil_service_the_boss_is_rarely_read_as_below():
    with (DATA / "uk_gov_organograms" / "senior_posts.csv").open(encoding="utf-8") as file:
        posts = {(row["body"], row["snapshot"], row["Post Unique Reference"]): row for row in csv.DictReader(file)}
    pairs = [(posts.get((body, day, row["Reports to Senior Post"])), row) for (body, day, _), row in posts.items()]
    levels = [(read_title(boss["Job Title"]).level, read_title(row["Job Title"]).level) for boss, row in pairs if boss]
    told = [ORDER[below] - ORDER[above] for above, below in levels if above and below]
    assert len(told) > 30
    assert sum(at > 0 for at in told) > 4 * sum(at < 0 for at in told)


def test_of_speakers_who_say_what_they_are_nearly_all_have_a_level():
    speakers = json.loads((DATA / "oscon_2014_schedule" / "osconfeed.json").read_text(encoding="utf-8"))["Schedule"]["speakers"]
    unread = {text.strip() for one in speakers if (text := one["position"]) and read_title(text).level is None}
    assert unread == {"Leadership Cohort", "PaaS Dust Spreader", "Serial Entrepreneur and Product Guy", "meme wrangler"}


PIECES = """CEO CFO head of director vice deputy manager sales IT to the and , / ( ) 's
总经理 副 采购部 兼 董事 客户 经理 助理 首席 官 &amp; -"""
WORDS = st.sampled_from(PIECES.split())
TITLES = st.one_of(st.text(max_size=40), st.lists(WORDS, max_size=8).map(" ".join), st.lists(WORDS, max_size=6).map("".join))


@given(TITLES, st.none() | TITLES)
def test_whatever_is_written_is_a_guess_of_at_most_six_tenths(title, department):
    said = read_title(title, department)
    for sure, told in ((said.level_sure, said.level), (said.function_sure, said.function)):
        assert 0 <= sure <= 0.6 and (sure > 0) == (told is not None)
    assert all(0 < guess.sure <= 0.6 for guess in said.roles)
    assert len({guess.role for guess in said.roles}) == len(said.roles)
    assert said.level == min((post.level for post in said.posts if post.level), key=ORDER.get, default=None)


@given(TITLES)
def test_case_width_and_entities_tell_nothing(title):
    assert read_title(title.replace("&", "&amp;")) == read_title(title)
    assert read_title(f"  {title} ") == read_title(title)
