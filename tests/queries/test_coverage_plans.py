"""What fades, whom to meet, what if, and what rests on one of us: each against the method taken row by row."""

from datetime import datetime, timedelta
from itertools import combinations

import pytest

from tests.slow import Slow, sums

AT = "2026-06-30T12:00:00+00:00"
FILES = {
    "companies": "company_id,name,kinds,tier\nus,Us,us,\nbank,东方银行,account,1\nmill,Mill,account,\n",
    "people": "person_id,name,company_id,do_not_contact\nann,Ann,us,\nben,Ben,us,\nwang,王敏,bank,\nli,李伟,bank,\nzhao,赵六,bank,\n"
    "sun,孙立,bank,yes\nqian,钱进,bank,\nmo,Mo,mill,\n",
    "roles": "person_id,role,company_id,role_confidence\nwang,DECISION_MAKER,bank,0.9\nli,ECONOMIC_BUYER,bank,\nli,END_USER,bank,\n"
    "zhao,TECHNICAL_EVALUATOR,bank,\nqian,TECHNICAL_EVALUATOR,bank,0.8\nsun,PROCUREMENT,bank,\nmo,DECISION_MAKER,mill,\n",
    "interactions": "interaction_id,type,at,from_id,to_ids\na1,visit,2026-06-01T09:00,ann,wang\na2,visit,2026-06-20T09:00,ann,wang;zhao\n"
    "a3,call,2026-06-11T09:00,ann,li\nb1,call,2026-06-12T09:00,ben,li\nb2,visit,2026-06-13T09:00,ben,mo\nab,meeting,2026-05-13T09:00,ann,zhao\n",
    "participants": "interaction_id,person_id,part\nab,ben,ATTENDEE\n",
}


@pytest.fixture
async def slow(market):
    report = await market(**FILES)
    assert report.total("rejected") == 0
    return Slow(FILES, AT)


@pytest.fixture
def told(ask):
    """``await told("account", "bank", "whatIf(...) { ... }")`` is that field at noon of 30 June 2026."""

    async def run(anchor, id_, field):
        name, _, rest = field.partition("(")
        answer = await ask(f'{{ {anchor}(id: "{id_}") {{ {name}(asOf: "{AT}"{"" if rest.startswith(")") else ", "}{rest} }} }}')
        assert "errors" not in answer, answer["errors"]
        return answer["data"][anchor][name]

    return run


async def test_a_calendar_of_what_fades(slow, told):
    fields = "days target now then expiries { role on coverage groupCoverage person { id } colleague { id } why }"
    found = await told("account", "bank", f"coverageForecast(days: 400) {{ {fields} }}")
    now = slow.coverage("bank")
    covered = {role for role, one in now["roles"].items() if (one["value"] or 0) > 0.35}
    assert {one["role"] for one in found["expiries"]} == covered
    assert [one["on"] for one in found["expiries"]] == sorted(one["on"] for one in found["expiries"])
    for one in found["expiries"]:
        on = datetime.fromisoformat(one["on"])
        then = slow.coverage("bank", later=on)
        assert then["roles"][one["role"]]["value"] == pytest.approx(0.35, abs=1e-6), one["role"]
        assert one["groupCoverage"] == pytest.approx(then["value"], abs=1e-6)
        assert one["coverage"] == pytest.approx(now["roles"][one["role"]]["value"])
        assert one["person"]["id"] == now["roles"][one["role"]]["holders"][0]
    assert found["now"] == pytest.approx(now["value"])
    assert found["then"] == pytest.approx(slow.coverage("bank", later=slow.at + timedelta(days=400))["value"])
    decider = next(one for one in found["expiries"] if one["role"] == "DECISION_MAKER")
    assert decider["colleague"]["id"] == "ann"
    assert decider["why"].startswith("Without contact decision maker 王敏 falls from 0.")
    soon = await told("account", "bank", "coverageForecast(days: 1) { expiries { role } }")
    assert soon["expiries"] == []


def fewest(slow, account, target, candidates):
    """Every set of meetings tried, the smallest first: all of the first size that bring every reachable role to the target."""

    def values(met):
        return {role: one["value"] or 0 for role, one in slow.coverage(account, met=frozenset(met))["roles"].items()}

    required = [role for role, one in slow.coverage(account)["roles"].items() if one["weight"] > 0]
    reachable = [role for role in required if values(candidates)[role] >= target - 1e-9]
    for size in range(len(candidates) + 1):
        found = [set(met) for met in combinations(sorted(candidates), size) if all(values(met)[role] >= target - 1e-9 for role in reachable)]
        if found:
            return found, reachable, [role for role in required if role not in reachable]
    raise AssertionError


PLAN = "contacts { person { id } roles closeness after colleague { id } hours } ties hours reached short before after optimal bound why"


@pytest.mark.parametrize("target", [0.35, 0.6, 0.75])
async def test_the_fewest_meetings(slow, told, target):
    found = await told("account", "bank", f"minimumContacts(target: {target}) {{ {PLAN} }}")
    best, reachable, short = fewest(slow, "bank", target, {"wang", "li", "zhao", "qian"})
    chosen = {one["person"]["id"] for one in found["contacts"]}
    assert (found["optimal"], found["hours"]) == (True, len(best[0]))
    assert sorted([sorted(chosen), *found["ties"]]) == sorted(sorted(one) for one in best)[: 1 + len(found["ties"])]
    assert (set(found["reached"]), set(found["short"])) == (set(reachable), set(short))
    assert found["after"] == pytest.approx(slow.coverage("bank", met=frozenset(chosen))["value"])
    for one in found["contacts"]:
        who = one["person"]["id"]
        assert (one["closeness"], one["after"]) == (pytest.approx(slow.close(who)), pytest.approx(slow.close(who, more=5.0)))


async def test_only_some_may_be_met_and_only_so_often(slow, told):
    some = await told("account", "bank", f'minimumContacts(target: 0.75, candidates: ["li", "sun"]) {{ {PLAN} }}')
    assert {one["person"]["id"] for one in some["contacts"]} <= {"li"}, "whoever opted out is never met"
    once = await told("account", "bank", f"minimumContacts(target: 0.6, budget: 1) {{ {PLAN} }}")
    assert once["hours"] <= 1
    none = await told("account", "mill", f"minimumContacts(target: 0.35, budget: 0) {{ {PLAN} }}")
    assert (none["contacts"], none["hours"]) == ([], 0)


WHAT = """before { value } after { value } roles { role weight before after stateBefore stateAfter } lostRoles withoutEffect why
  singleThreads { role people isNew } replacements { role person { id name } ours coverage }"""


async def test_what_if_a_contact_goes(slow, told):
    found = await told("account", "bank", f'whatIf(remove: ["wang", "mo"]) {{ {WHAT} }}')
    then = slow.coverage("bank", gone={"wang"})
    assert (found["before"]["value"], found["after"]["value"]) == (pytest.approx(slow.coverage("bank")["value"]), pytest.approx(then["value"]))
    assert (found["lostRoles"], found["withoutEffect"]) == (["DECISION_MAKER"], ["mo"])
    (best,) = found["replacements"]
    close = {who: slow.close(who, more=5.0) for who in ("li", "zhao", "qian")}
    assert (best["person"]["id"], best["ours"], best["coverage"]) == (max(close, key=close.get), False, pytest.approx(max(close.values())))


async def test_what_if_one_of_us_goes(slow, told):
    found = await told("account", "bank", f'whatIf(remove: ["ann"]) {{ {WHAT} }}')
    then = slow.coverage("bank", without=frozenset({"ann"}))
    assert found["after"]["value"] == pytest.approx(then["value"])
    assert {one["role"]: (one["after"], one["stateAfter"]) for one in found["roles"]} == {
        role: (None if one["value"] is None else pytest.approx(one["value"]), one["state"]) for role, one in then["roles"].items()
    }
    both = await told("account", "bank", f'whatIf(remove: ["ben", "ann"]) {{ {WHAT} }}')
    assert both["after"]["value"] == 0


async def test_what_if_roles_and_stances_were_others(slow, told, store):
    (before,) = await store.read("test", "MATCH ()-[r]->() RETURN count(r)", {})
    found = await told(
        "account",
        "bank",
        f'whatIf(set: [{{person: "zhao", role: IMPLEMENTER, confidence: 0.9}}, {{person: "li", role: END_USER, confidence: 0}}, '
        f'{{person: "wang", stance: -2}}]) {{ {WHAT} }}',
    )
    files = {
        **FILES,
        "roles": FILES["roles"].replace("li,END_USER,bank,\n", "") + "zhao,IMPLEMENTER,bank,0.9\n",
        "members": "person_id,company_id,stance\nwang,bank,-2\n",
    }
    then = Slow(files, AT).coverage("bank")
    assert found["after"]["value"] == pytest.approx(then["value"])
    assert {one["role"]: one["stateAfter"] for one in found["roles"]} == {role: one["state"] for role, one in then["roles"].items()}
    (after,) = await store.read("test", "MATCH ()-[r]->() RETURN count(r)", {})
    assert after == before, "nothing is written"
    assert await told("account", "bank", f"whatIf() {{ {WHAT} }}") is not None


async def test_nothing_supposed_changes_nothing(slow, told):
    found = await told("account", "bank", f"whatIf() {{ {WHAT} }}")
    assert found["before"] == found["after"]
    assert (found["lostRoles"], found["replacements"]) == ([], [])


async def test_what_rests_on_one_of_us(slow, told):
    fields = "value missing book why accounts { company { id } worth coverage without atRisk lostRoles heir { id } }"
    for who in ("ann", "ben"):
        found = await told("person", who, f"bookAtRisk() {{ {fields} }}")
        worth = {"bank": 1.0, "mill": 0.3}
        touched = {
            account
            for account in worth
            if any(sums(slow.events, person, slow.at, {who}, set())[2] for people in slow.holders(account).values() for person in people)
        }
        loss = {account: [slow.coverage(account)["value"], slow.coverage(account, without=frozenset({who}))["value"]] for account in touched}
        assert {one["company"]["id"]: [one["coverage"], one["without"]] for one in found["accounts"]} == {
            account: pytest.approx(values) for account, values in loss.items()
        }
        assert found["value"] == pytest.approx(sum(worth[account] * (now - then) for account, (now, then) in loss.items()))
        assert found["book"] == pytest.approx(sum(worth[account] * now for account, (now, _) in loss.items()))
    assert (await told("person", "wang", f"bookAtRisk() {{ {fields} }}"))["missing"] == "NOT_APPLICABLE"


@pytest.mark.parametrize(
    ("field", "code", "argument"),
    [
        ("coverageForecast(days: 0) { key }", "INVALID_INPUT", "days"),
        ("minimumContacts(target: 1) { key }", "INVALID_INPUT", "target"),
        ("minimumContacts(budget: -1) { key }", "INVALID_INPUT", "budget"),
        ('minimumContacts(candidates: ["nobody"]) { key }', "NOT_FOUND", "candidates"),
        ('whatIf(remove: ["nobody"]) { key }', "NOT_FOUND", "remove"),
        ('whatIf(set: [{person: "mo", stance: 1}]) { key }', "INVALID_INPUT", "set"),
        ('whatIf(set: [{person: "li", stance: 3}]) { key }', "INVALID_INPUT", "set"),
        ('whatIf(set: [{person: "li", role: OTHER, confidence: 2}]) { key }', "INVALID_INPUT", "set"),
    ],
)
async def test_each_fault_names_its_argument(slow, ask, field, code, argument):
    answer = await ask(f'{{ account(id: "bank") {{ {field} }} }}')
    assert answer["errors"][0]["extensions"] == {"code": code, "argument": argument}
