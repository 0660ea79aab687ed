"""Who should introduce us to whom: a plan over the whole list, beside every plan tried one by one."""

from collections import Counter
from itertools import combinations, product

import pytest

from api.context import Context
from api.execute import Engine
from api.render import formats
from graph.instants import instant
from loaders.run import load
from queries.introductions import introductions
from tests.slow import instant as moment
from tests.town import AT, FILES, OPTED_OUT, OURS, RIVALS, Town

FIELDS = """key worth bound optimal method truncated why view { revision }
  introductions { account { id } whom { id } roles by { id } worth path { score { value why } hops { fromId toId evidence { id } } } }
  without { account { id } person { id } why } asked { person { id } times open }"""


@pytest.fixture
def plan(town, settings):
    """``await plan('to: ["bank"]')`` is that plan at noon of 30 June 2026."""

    async def run(arguments, language="en"):
        text = f'{{ introductions(asOf: "{AT}", {arguments}) {{ {FIELDS} }} }}'
        answer = await Engine(settings)(text, {}, None, Context(town, settings, language=language))
        assert "errors" not in answer, answer["errors"]
        return answer["data"]["introductions"]

    return run


def way(one):
    return (one["path"]["hops"][0]["fromId"], *(hop["toId"] for hop in one["path"]["hops"]))


def offers(slow, accounts):
    """``[(account, way, worth)]``: all that could be planned."""
    found = []
    for account in accounts:
        for (role, weight), people in shares(slow, account).items():
            for person, part in ((who, part) for who, part in people.items() if who not in OPTED_OUT):
                for path, chance in slow.ways(OURS, person, OPTED_OUT | RIVALS).items():
                    found.append((account, path, slow.worth(account) * weight * part * chance, role))
    joined = Counter()
    for account, path, worth, _ in found:
        joined[account, path] += worth
    return [(account, path, worth) for (account, path), worth in joined.items()]


def shares(slow, account):
    """``{(role, weight): {person: part of it}}`` of the roles with weight."""
    weights = {role: weight for role, (weight, *_) in slow.template(account).items() if weight}
    made = {}
    for role, weight in weights.items():
        sure = {who: m for who, m in slow.holders(account).get(role, {}).items() if m >= 0.3}
        made[role, weight / sum(weights.values())] = {who: m / sum(sure.values()) for who, m in sure.items()}
    return made


def best(slow, accounts, k, asks):
    """The most that any plan is worth."""
    by_account = [[one for one in offers(slow, accounts) if one[0] == account] for account in accounts]
    choices = [[some for size in range(k + 1) for some in combinations(mine, size)] for mine in by_account]

    def fits(some):
        asked = Counter(who for _, path, _ in some for who in path[:-1])
        return max(asked.values(), default=0) <= asks and len({path[-1] for _, path, _ in some}) == len(some)

    plans = ([one for some in chosen for one in some] for chosen in product(*choices))
    return max(sum(worth for *_, worth in some) for some in plans if fits(some))


@pytest.mark.parametrize(("k", "asks"), [(1, 3), (1, 1), (2, 1), (2, 2)])
async def test_no_plan_is_worth_more(town, plan, k, asks):
    slow = Town(FILES, AT)
    found = await plan(f'filter: {{ids: ["bank", "mill"]}}, k: {k}, asks: {asks}')
    assert found["worth"] == pytest.approx(best(slow, ["bank", "mill"], k, asks))
    assert found["optimal"] and found["bound"] == pytest.approx(found["worth"]) and not found["truncated"]
    worth = {(account, path): worth for account, path, worth in offers(slow, ["bank", "mill"])}
    for one in found["introductions"]:
        assert one["worth"] == pytest.approx(worth[one["account"]["id"], way(one)])
        assert one["by"]["id"] in OURS and not set(way(one)) & (OPTED_OUT | RIVALS)
    asked = Counter(who for one in found["introductions"] for who in way(one)[:-1])
    assert {row["person"]["id"]: row["times"] for row in found["asked"]} == asked and max(asked.values()) <= asks
    assert max(Counter(one["account"]["id"] for one in found["introductions"]).values()) <= k


async def test_a_plan_reads_like_a_list_of_errands(plan):
    found = await plan('filter: {}, to: ["sun", "zoe", "alone"]')
    assert {one["account"]["id"] if one["account"] else None for one in found["introductions"]} == {"bank", "mill", None}
    by_whom = {one["whom"]["id"]: one for one in found["introductions"]}
    assert way(by_whom["sun"]) == ("ann", "sun") and by_whom["sun"]["account"] is None and by_whom["sun"]["roles"] == []
    assert by_whom["zhao"]["roles"] == ["ECONOMIC_BUYER"] and way(by_whom["zhao"]) == ("ann", "sun", "zhao")
    assert by_whom["zhao"]["path"]["hops"][0]["evidence"]
    assert [(one["account"] or one["person"], one["why"]) for one in found["without"]] == [
        ({"id": "alone"}, "No way over the floor leads there; influencePaths says why not."),
        *(({"id": account}, "Nobody is known to hold a role of weight.") for account in ("bare", "old", "uni")),
        ({"id": "zoe"}, "No way over the floor leads there; influencePaths says why not."),
    ]
    assert found["why"].startswith("3 introductions, 5 without one. Begin with Ann to 孙教授. Ann is asked most, ")
    assert found["method"].endswith("proved best over them.")
    in_chinese = await plan('to: ["bank"]', "zh-CN")
    assert in_chinese["why"].startswith("可引荐1处，0处暂无；先由Ann联系赵敏（东方银行，预算/财务方）。被请求最多的是Ann（1次")


async def test_a_plan_in_a_terminal_and_in_a_sheet(town, settings):
    view = (await Context(town, settings).view()).at(instant(moment(AT)), None)
    made = formats(introductions)
    found = await introductions(town, view, to=["bank", "alone"])
    said = made["table"](found)
    assert said.startswith(found.why) and "  1. 东方银行: Ann → 孙教授 (in touch" in said and "     Alone: No way over the floor" in said
    rows = made["csv"](found).splitlines()
    assert rows[1].startswith("bank,东方银行,zhao,赵敏,ECONOMIC_BUYER,ann,Ann,孙教授,") and rows[2].startswith(",,alone,Alone,,,,,,,")


async def test_who_is_asked_elsewhere_is_told(plan):
    found = await plan('to: ["sun", "zhao", "li"], asks: 1')
    assert any(one["why"] == "Whoever could introduce us is asked for others already." for one in found["without"])


async def test_nobody_to_be_introduced_to(plan):
    found = await plan('to: ["bare"]')
    assert (found["introductions"], found["worth"], found["optimal"], found["asked"]) == ([], 0, True, [])
    assert found["why"] == "There is no introduction to be had."


@pytest.mark.parametrize(
    ("arguments", "code", "argument"),
    [
        ("k: 1", "INVALID_INPUT", "to"),
        ('to: ["bank"], k: 0', "INVALID_INPUT", "k"),
        ('to: ["bank"], asks: 0', "INVALID_INPUT", "asks"),
        ('to: ["nobody"]', "NOT_FOUND", "to"),
        ('filter: {ids: ["nobody"]}', "NOT_FOUND", "filter.ids"),
    ],
)
async def test_what_cannot_be_asked(town, settings, arguments, code, argument):
    answer = await Engine(settings)(f"{{ introductions({arguments}) {{ key }} }}", {}, None, Context(town, settings))
    assert answer["errors"][0]["extensions"] == {"code": code, "argument": argument}


async def test_what_somebody_owes_already_counts(town, plan, tmp_path):
    rows = [f"ask{number},introduction,2026-06-2{number}T09:00,open,sun,mei\n" for number in range(2)]
    (tmp_path / "interactions.csv").write_text("interaction_id,type,at,status,from_id,to_ids\n" + "".join(rows), encoding="utf-8")
    await load(town, [tmp_path], as_of=instant(moment("2026-06-30")), reports_in=tmp_path / "reports")
    found = await plan('to: ["zhao", "mei"]')
    owed = {row["person"]["id"]: (row["times"], row["open"]) for row in found["asked"]}
    assert owed["sun"] == (1, 2)
    none = await plan('to: ["zhao"], asks: 2')
    assert all("sun" not in way(one) for one in none["introductions"]) and none["introductions"]


async def test_whom_the_plan_meets_for_another_account_is_told(town, plan, tmp_path):
    (tmp_path / "roles.csv").write_text("person_id,role,company_id\nzhao,DECISION_MAKER,bare\n", encoding="utf-8")
    await load(town, [tmp_path], as_of=instant(moment("2026-06-30")), reports_in=tmp_path / "reports")
    found = await plan('to: ["zhao", "bare"]')
    assert [one["whom"]["id"] for one in found["introductions"]] == ["zhao"]
    assert [one["why"] for one in found["without"]] == ["Whoever can be reached is met for another account already."]
