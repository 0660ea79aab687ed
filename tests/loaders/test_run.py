"""A load is honest: nothing vanishes, nothing doubles, the second time changes nothing."""

import csv
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path

import pytest

from graph.errors import EndRefused, InvalidInput, NotFound
from graph.instants import at_moment, period
from graph.lease import turn
from graph.ledger import unload
from loaders import identity, run
from loaders.frames import Tables
from loaders.mapping import CANONICAL
from loaders.rejects import write_rejects
from loaders.run import check, load, refuse_clashing
from loaders.spool import Spool

FIRM = {"companies": "company_id,name\na,A\n", "people": "person_id,name,company_id\np,P,a\nq,Q,a\n"}


async def test_the_same_files_again_change_nothing(market, store):
    files = {**FIRM, "reporting": "person_id,manager_id\np,q\n", "roles": "person_id,company_id,role\np,a,CHAMPION\n"}
    first = await market(**files)
    count = "MATCH (n) WHERE NOT n:Load AND NOT n:Said RETURN count(n), COUNT { ()-[]->() }"
    before = await store.read("test", count, {})
    second = await market(**files)
    assert (first.total("created"), second.total("created"), second.total("changed")) == (7, 0, 0)
    assert second.total("unchanged") == first.total("created")
    assert await store.read("test", count, {}) == before


@asynccontextmanager
async def spooled(folder, **files):
    """The spool of files that meet an empty graph, once all that falls has fallen."""
    for kind, text in files.items():
        (folder / f"{kind}.csv").write_text(text, encoding="utf-8")
    with Spool() as spool:
        check(spool, Tables([folder], CANONICAL, "crm"), UTC, "crm")
        await refuse_clashing(None, spool, instant("2026-01-01"))
        spool.resolve()
        yield spool


REFUSED = [
    ("people", "person_id,name\np,\n", 2, "name", "required"),
    ("people", "person_id,name\np,P\np,Other\n", 3, "person_id", "before, with other values"),
    ("people", "person_id,name,consent_until\np,P,soon\n", 2, "consent_until", "ISO 8601"),
    ("people", "person_id,name,do_not_contact\np,P,maybe\n", 2, "do_not_contact", "neither true nor false"),
    ("people", "person_id,name\np\n", 2, "", "number of cells"),
    ("people", 'person_id,name,tags\np,"two\nlines",\nq,,\n', 4, "name", "required"),
    ("companies", "company_id,name,value\na,A,2\n", 2, "value", "between 0 and 1"),
    ("companies", "company_id,name,kinds\na,A,friend\n", 2, "kinds", "is none of"),
    ("companies", "company_id,name,parent_id\na,A,a\n", 2, "parent_id", "own"),
    ("companies", "company_id,name,parent_id\na,A,nowhere\n", 2, "parent_id", "neither a good row of these files"),
    ("reporting", "person_id,manager_id\nx,y\n", 2, "person_id", "neither a good row of these files"),
    ("companies", f"company_id,name\n{'x' * 1001},A\n", 2, "company_id", "1000 characters"),
]


@pytest.mark.parametrize(("kind", "text", "line", "column", "reason"), REFUSED)
async def test_a_row_that_cannot_be_used_is_told(market, kind, text, line, column, reason):
    report = await market(**{kind: text})
    assert report.total("rejected") == 1
    with Path(report.rejects).open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    assert (row["file"], row["line"], row["column"]) == (f"{kind}.csv", str(line), column)
    assert reason in row["reason"]


async def test_reports_are_written_while_the_load_has_its_turn(market, monkeypatch):
    """An erasure waits for the turn, and looks through the reports that are there then."""
    held, wrote = [], []

    @asynccontextmanager
    async def watched(*given):
        async with turn(*given) as lease:
            held.append(lease)
            yield lease
            held.pop()

    def rejects(*given):
        wrote.append(len(held))
        return write_rejects(*given)

    monkeypatch.setattr(run, "turn", watched)
    monkeypatch.setattr(run, "write_rejects", rejects)
    assert (await market(people="person_id,name\np,\n")).rejects is not None
    assert wrote == [1]


async def test_a_self_loop_and_an_end_before_its_start(market):
    report = await market(
        **FIRM, reporting="person_id,manager_id\np,p\n", employments="person_id,company_id,valid_from,valid_to\np,a,2020-02-01,2020-01-01\n"
    )
    assert report.total("rejected") == 2


async def test_overlapping_stretches_of_one_fact(market):
    jobs = "person_id,company_id,title,level,valid_from,valid_to\np,a,x,1,2019,2020\np,a,x,2,2020-06-01,2021\np,a,x,3,2022,\n"
    report = await market(**FIRM, employments=jobs)
    assert report.kinds["employments"].rejected == 1


async def test_a_row_that_overlaps_another_says_nothing_at_all(market, store):
    people = "person_id,name,aliases,company_id,title,consent_until,valid_from,valid_to\np,P,,a,T,,2020,2022\np,Renamed,Pea,a,U,2030,2021,\n"
    report = await market(companies="company_id,name\na,A\n", people=people, reporting="person_id,manager_id\nq,Pea\n")
    assert (report.kinds["people"].rejected, report.kinds["reporting"].rejected) == (1, 1), "nor does its alias name anybody"
    assert await store.read("test", "MATCH (p:Person)-[r]->() RETURN p.name, type(r), r.title", {}) == [["P", "WORKS_AT", "T"]]
    assert await store.read("test", "MATCH (p:Person) RETURN p.aliases", {}) == [[None]]


async def test_a_row_that_names_a_refused_row_falls_with_it(market):
    report = await market(companies="company_id,name,tier\na,A,9\n", people="person_id,name,company_id\np,P,a\nq,Q,\n")
    assert (report.kinds["companies"].rejected, report.kinds["people"].rejected, report.kinds["people"].created) == (1, 1, 1)


async def test_ids_stay_as_they_are(market, ask):
    await market(companies="company_id,name\n007,Seven\n1e5,E\nNA,Not\nnull,Null\n")
    found = await ask("{ accounts { edges { node { id } } } }")
    assert {edge["node"]["id"] for edge in found["data"]["accounts"]["edges"]} == {"007", "1e5", "NA", "null"}


async def test_unknown_columns_are_counted_and_headers_are_forgiving(market):
    report = await market(people="Person ID,NAME,shoe size\np,P,44\n")
    assert report.warnings == ["people.csv: left out unknown columns shoe size"]
    assert report.total("created") == 1


async def test_a_folder_without_files(market):
    with pytest.raises(InvalidInput, match="no canonical file"):
        await market(nonsense="a,b\n")


FIRST, LATER = "2025-01-01", "2025-06-01"


async def just_before_the_last_load(store):
    return at_moment((await store.revision()).known_at - 1).isoformat()


def instant(day):
    return period(day)[0]


async def test_a_complete_file_ends_what_it_does_not_name(market, chain):
    await market(as_of=instant(FIRST), **FIRM, reporting="person_id,manager_id\np,q\n")
    report = await market(as_of=instant(LATER), complete=["reporting"], people=FIRM["people"], reporting="person_id,manager_id\n")
    assert report.kinds["reporting"].ended == 1
    before, after = await chain("a", asOf="2025-05-31T00:00:00Z"), await chain("a", asOf="2025-06-01T00:00:00Z")
    assert [edge["kind"] for edge in before["edges"]] == ["REPORTS_TO"]
    assert after["edges"] == []


async def test_snapshots_in_any_order_give_one_history(market, store):
    texts = {FIRST: "person_id,manager_id\np,q\n", "2025-03-01": "person_id,manager_id\n", LATER: "person_id,manager_id\np,q\n"}
    histories = []
    for order in ([FIRST, "2025-03-01", LATER], [LATER, FIRST, "2025-03-01"]):
        await store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
        await market(as_of=instant("2024-01-01"), **FIRM)
        for day in order:
            await market(as_of=instant(day), complete=["reporting"], reporting=texts[day])
        held = "MATCH ()-[r:REPORTS_TO]->() WHERE r.retracted_at > timestamp() * 1000 RETURN r.valid_from, r.valid_to ORDER BY r.valid_from"
        histories.append(await store.read("test", held, {}))
    assert histories[0] == histories[1]
    assert len(histories[0]) == 2


async def test_a_complete_file_that_ends_too_much_is_refused_and_changes_nothing(market, store):
    people = "person_id,name,company_id\n" + "".join(f"p{n},P{n},a\n" for n in range(60))
    await market(as_of=instant(FIRST), companies="company_id,name\na,Acme\n", people=people)
    everything = "MATCH (n)-[r]->(m) RETURN n.id, properties(r), m.id ORDER BY r.key, r.recorded_at"
    before, few = await store.read("test", everything, {}), "person_id,name,company_id\np1,Renamed,a\n"
    with pytest.raises(EndRefused, match="59 of 60"):
        await market(as_of=instant(LATER), complete=["people"], people=few)
    assert await store.read("test", everything, {}) == before
    assert await store.read("test", "MATCH (p:Person {id: 'p1'}) RETURN p.name", {}) == [["P1"]]
    assert await store.read("test", "MATCH (l:Load) RETURN count(l)", {}) == [[1]]
    assert (await market(as_of=instant(LATER), complete=["people"], force=True, people=few)).kinds["people"].ended == 59


JOBS = """MATCH (p:Person)-[w:WORKS_AT]->(c) WHERE w.retracted_at > timestamp() * 1000 AND w.valid_to > timestamp() * 1000
          RETURN p.id, c.id, w.title ORDER BY p.id, c.id, w.title"""
TWO_FIRMS = "company_id,name\na,A\nb,B\n"
TEAM = "person_id,name,company_id,title\np,P,a,T\nq,Q,a,T\nr,R,a,T\n"


@pytest.mark.parametrize("row", ["p,P,a,T,maybe,", "p,P,a,T,,soon", "p,P,nowhere,T,,", "p,,a,T,,", f"p,P,{'x' * 1_001},T,,"])
async def test_a_complete_file_does_not_end_what_a_refused_row_names(row, market, store):
    await market(as_of=instant(FIRST), companies="company_id,name\na,A\n", people=TEAM)
    people = f"person_id,name,company_id,title,do_not_contact,consent_until\n{row}\nq,Q,a,T,,\n"
    report = await market(as_of=instant(LATER), complete=["people"], people=people)
    assert (report.total("rejected"), report.kinds["people"].ended) == (1, 1)
    assert "--complete people: what is named by 1 refused row stays as it is" in report.warnings
    assert await store.read("test", JOBS, {}) == [["p", "a", "T"], ["q", "a", "T"]]
    assert (await market(as_of=instant("2025-03-01"), people="person_id,name,company_id,title\nq,Q,a,T\n")).total("changed") == 0
    assert await store.read("test", JOBS, {}) == [["p", "a", "T"], ["q", "a", "T"]], "nor does a late load that folds the journal anew"


async def test_of_a_refused_job_only_itself_is_spared(market, store):
    people = "person_id,name\np,P\n"
    head = "person_id,company_id,title,confidence\n"
    await market(as_of=instant(FIRST), companies=TWO_FIRMS, people=people, employments=head + "p,a,T,\np,b,T,\np,b,U,\n")
    report = await market(as_of=instant(LATER), complete=["employments"], employments=head + "p,b,T,9\n")
    assert (report.kinds["employments"].rejected, report.kinds["employments"].ended) == (1, 2)
    assert await store.read("test", JOBS, {}) == [["p", "b", "T"]]


async def test_a_role_that_nobody_knows_spares_each_role_of_that_person_there(market, store):
    roles = "person_id,company_id,role\np,a,CHAMPION\nq,a,CHAMPION\nq,a,LEGAL_COMPLIANCE\n"
    await market(as_of=instant(FIRST), **FIRM, roles=roles)
    report = await market(as_of=instant(LATER), complete=["roles"], roles="person_id,company_id,role\nq,a,BOSS\n")
    assert (report.kinds["roles"].rejected, report.kinds["roles"].ended) == (1, 1)


@pytest.mark.parametrize("row", [",Nobody,a,T", "p,P", f"{'x' * 1_001},P,a,T"])
async def test_a_refused_row_that_does_not_show_whom_it_means_ends_nothing_without_force(row, market, store):
    await market(as_of=instant(FIRST), companies="company_id,name\na,A\n", people=TEAM)
    people = f"person_id,name,company_id,title\n{row}\nq,Q,a,U\n"
    report = await market(as_of=instant(LATER), complete=["people"], people=people)
    assert (report.total("rejected"), report.kinds["people"].ended) == (1, 0)
    assert "--complete people: nothing ends, for refused rows do not show which facts they name. Mend them, or add --force." in report.warnings
    assert await store.read("test", JOBS, {}) == [["p", "a", "T"], ["q", "a", "U"], ["r", "a", "T"]]
    await market(as_of=instant(LATER), complete=["people"], people=people, force=True)
    assert await store.read("test", JOBS, {}) == [["q", "a", "U"]]


LINES = """MATCH (p:Person)-[r:REPORTS_TO]->(m) WHERE r.retracted_at > timestamp() * 1000 AND r.valid_to > timestamp() * 1000
           RETURN p.id, m.id, r.line ORDER BY p.id, m.id"""
BOSSES = "person_id,name,manager_id\nboss,Boss,\np,P,boss\nq,Q,boss\nr,R,boss\n"


async def test_an_emptied_manager_cell_of_a_complete_file_ends_the_line(market, store, chain):
    await market(as_of=instant(FIRST), people=BOSSES, reporting="person_id,manager_id,line\np,q,DOTTED\n")
    people = "person_id,name,manager_id\nboss,Boss,\np,P,\nq,Q,\n"
    report = await market(as_of=instant(LATER), complete=["people"], people=people, reporting="person_id,manager_id\nq,boss\n")
    assert report.total("ended") == 1
    assert await store.read("test", LINES, {}) == [["p", "q", "DOTTED"], ["q", "boss", "SOLID"], ["r", "boss", "SOLID"]]
    again = await market(as_of=instant(LATER), complete=["people"], people=people, reporting="person_id,manager_id\nq,boss\n")
    assert (again.total("created"), again.total("changed"), again.total("ended")) == (0, 0, 0)


async def test_a_complete_file_without_managers_does_not_speak_of_them(market, store):
    await market(as_of=instant(FIRST), people=BOSSES)
    await market(as_of=instant(LATER), complete=["people"], people="person_id,name\nboss,Boss\np,P\nq,Q\nr,R\n")
    assert len(await store.read("test", LINES, {})) == 3


async def test_a_refused_row_that_names_a_manager_keeps_the_line(market, store):
    await market(as_of=instant(FIRST), people=BOSSES)
    people, reporting = "person_id,name,manager_id\nboss,Boss,\np,P,\n", "person_id,manager_id\np,nobody\n"
    assert (await market(as_of=instant(LATER), complete=["people"], people=people, reporting=reporting)).total("rejected") == 1
    assert ["p", "boss", "SOLID"] in await store.read("test", LINES, {})


async def test_emptied_managers_give_one_history_in_any_order(market, store):
    texts = {FIRST: BOSSES, "2025-03-01": BOSSES.replace("p,P,boss", "p,P,"), LATER: BOSSES}
    histories = []
    for order in ([FIRST, "2025-03-01", LATER], [LATER, FIRST, "2025-03-01"], ["2025-03-01", LATER, FIRST]):
        await store.write("test", [("MATCH (n) WHERE NOT n:Schema DETACH DELETE n", {})])
        for day in order:
            await market(as_of=instant(day), complete=["people"], people=texts[day])
        held = (
            "MATCH (p)-[r:REPORTS_TO]->() WHERE r.retracted_at > timestamp() * 1000 RETURN p.id, r.valid_from, r.valid_to ORDER BY p.id, r.valid_from"
        )
        histories.append(await store.read("test", held, {}))
    assert histories[0] == histories[1] == histories[2]
    assert [row[0] for row in histories[0]] == ["p", "p", "q", "r"]


async def test_the_number_of_a_load_that_was_taken_back_is_never_used_again(market, store):
    people = "person_id,name,company_id\n" + "".join(f"p{n},P{n},a\n" for n in range(60))
    await market(as_of=instant(FIRST), companies="company_id,name\na,Acme\n", people=people)
    for _ in range(2):
        with pytest.raises(EndRefused):
            await market(as_of=instant(LATER), complete=["people"], people="person_id,name,company_id\np1,P1,a\n")
    report = await market(companies="company_id,name\nb,B\n")
    assert report.load == 4
    assert await store.read("test", "MATCH (l:Load) RETURN l.id ORDER BY l.revision", {}) == [["L1"], ["L4"]]


async def test_a_kind_without_facts_cannot_be_complete(market):
    with pytest.raises(InvalidInput, match="Those that do"):
        await market(complete=["groups"], **FIRM)


async def test_a_dry_run_counts_and_writes_nothing(market, store):
    report = await market(dry=True, **FIRM)
    assert report.total("created") == 5
    assert await store.read("test", "MATCH (n) WHERE NOT n:Schema AND NOT n:Lease RETURN count(n)", {}) == [[0]]


async def test_a_dry_run_leaves_the_rows_to_mend_and_reads_them_mended(store, tmp_path):
    (tmp_path / "people.csv").write_text("person_id,name,company_id,manager_id\np,P,nowhere,nobody\nq,Q,,\n", encoding="utf-8")
    report = await load(store, [tmp_path / "people.csv"], dry=True, reports_in=tmp_path / "reports")
    assert report.kinds["people"].rejected == 1
    with Path(report.rejects).open(encoding="utf-8", newline="") as file:
        assert [row["column"] for row in csv.DictReader(file)] == ["company_id", "manager_id"], "every fault of a row is told"
    mended = tmp_path / "reports" / "dry-run-1" / "rejects" / "people.csv"
    mended.write_text(mended.read_text(encoding="utf-8").replace("nowhere", "").replace("nobody", "p9"), encoding="utf-8")
    again = await load(store, [mended], dry=True, reports_in=tmp_path / "reports")
    assert Path(again.rejects).parent.name == "dry-run-2"
    assert "p9" in mended.read_text(encoding="utf-8"), "what somebody mends stays theirs"


async def test_a_dry_run_refuses_what_the_load_would_refuse_and_leaves_nothing(market, store):
    people = "person_id,name,company_id\n" + "".join(f"p{n},P{n},a\n" for n in range(60))
    await market(as_of=instant(FIRST), companies="company_id,name\na,Acme\n", people=people)
    few = {"as_of": instant(LATER), "complete": ["people"], "people": "person_id,name,company_id\np1,P1,a\n", "dry": True}
    with pytest.raises(EndRefused, match="59 of 60"):
        await market(**few)
    assert await store.read("test", "MATCH (l:Load) RETURN count(l)", {}) == [[1]]
    assert (await market(force=True, **few)).kinds["people"].ended == 59
    assert (await market(people="person_id,name\nz,Z\n")).load == 2, "a dry run spends no number"


async def test_a_dry_run_over_a_load_that_broke_off_says_that_its_leavings_count(market, store):
    await market(**FIRM)
    await store.write("test", [("MATCH (l:Load {id: 'L1'}) SET l.finished = false", {})])
    dry = await market(dry=True, **FIRM)
    assert dry.warnings == ["A load before this one broke off; what it left is counted as if it stood. The next load takes it back first."]
    real = await market(**FIRM)
    assert (dry.total("created"), real.total("created")) == (0, 5)


async def test_an_unload_leaves_what_the_others_say(market, store, chain):
    await market(as_of=instant(FIRST), **FIRM)
    await market(as_of=instant(LATER), source="chart", reporting="person_id,manager_id\np,q\n", people="person_id,name\nz,Zoe\n")
    await unload(store, "chart", identity)
    found = await chain("a")
    assert found["edges"] == []
    assert await store.read("test", "MATCH (p:Person {id: 'z'}) RETURN p.name", {}) == []
    assert (await chain("a", knownAt=await just_before_the_last_load(store)))["edges"] != []


async def test_facts_go_with_the_people_on_whom_they_hang(market, store):
    await market(as_of=instant(FIRST), **FIRM)
    await market(as_of=instant(LATER), source="chart", reporting="person_id,manager_id\np,q\n")
    await unload(store, "canonical", identity)
    assert await store.read("test", "MATCH ()-[r]->() WHERE r.retracted_at > timestamp() * 1000 RETURN count(r)", {}) == [[0]]
    assert await store.read("test", "MATCH (p:Person) RETURN count(p.name)", {}) == [[0]]


async def test_what_others_say_of_people_comes_back_with_them(market, store):
    await market(as_of=instant(FIRST), **FIRM)
    await market(as_of=instant(LATER), source="chart", reporting="person_id,manager_id\np,q\n")
    await unload(store, "canonical", identity)
    one = await market(as_of=instant(FIRST), companies=FIRM["companies"], people="person_id,name,company_id\np,P,a\n")
    assert await store.read("test", LINES, {}) == [], "while nobody speaks of the manager, there is no line"
    both = await market(as_of=instant(FIRST), **FIRM)
    assert await store.read("test", LINES, {}) == [["p", "q", "SOLID"]]
    assert (one.total("created"), both.total("created"), both.total("changed")) == (3, 2, 0), "only what the files say is counted"
    await unload(store, str(both.load), identity)
    assert await store.read("test", LINES, {}) == []


async def test_what_is_said_anew_of_people_who_come_back_is_folded_with_what_was_said(market, store):
    await market(as_of=instant(FIRST), people="person_id,name\np,P\nq,Q\nr,R\n")
    await market(as_of=instant(FIRST), source="chart", reporting="person_id,manager_id\np,q\n")
    await unload(store, "canonical", identity)
    people = "person_id,name,source\np,P,canonical\nq,Q,canonical\nr,R,canonical\n"
    await market(as_of=instant(LATER), source="chart", people=people, reporting="person_id,manager_id\np,r\n")
    held = "MATCH (p)-[r:REPORTS_TO]->(m) WHERE r.retracted_at > timestamp() * 1000 RETURN m.id, r.valid_from = $later ORDER BY r.valid_from"
    assert await store.read("test", held, {"later": instant(LATER)}) == [["q", False], ["r", True]]


async def test_of_a_line_that_changed_only_what_hangs_on_known_people_comes_back(market, store):
    await market(as_of=instant(FIRST), people="person_id,name\np,P\nq,Q\nr,R\n")
    for day, manager in ((FIRST, "q"), (LATER, "r")):
        await market(as_of=instant(day), source="chart", reporting=f"person_id,manager_id\np,{manager}\n")
    await unload(store, "canonical", identity)
    held = "MATCH (p)-[r:REPORTS_TO]->(m) WHERE r.retracted_at > timestamp() * 1000 RETURN m.name ORDER BY r.valid_from"
    for people, managers in (("p,P\nq,Q\n", [["Q"]]), ("r,R\n", [["Q"], ["R"]])):
        await market(as_of=instant(FIRST), people="person_id,name\n" + people)
        assert await store.read("test", held, {}) == managers


async def test_whom_nobody_speaks_of_any_more_cannot_be_named(market, store):
    await market(as_of=instant(FIRST), **FIRM)
    await unload(store, "canonical", identity)
    assert (await market(source="chart", reporting="person_id,manager_id\np,q\n")).total("rejected") == 1
    groups = "MATCH (g:BuyingGroup {id: 'a'}) RETURN g.company_id"
    assert await store.read("test", groups, {}) in ([], [[None]])
    await market(as_of=instant(FIRST), **FIRM)
    assert await store.read("test", groups, {}) == [["a"]], "an account that comes back has its default group again"


async def test_what_was_never_loaded_cannot_be_unloaded(store):
    with pytest.raises(NotFound, match="dottedline loads"):
        await unload(store, "nobody", identity)


async def test_an_alias_of_the_same_files_is_known(market):
    files = {"companies": "company_id,name,aliases\na,A,A1\n", "people": "person_id,name,company_id\np,P,A1\n"}
    assert (await market(**files)).total("rejected") == 0
    again = await market(**files)
    assert (again.total("created"), again.total("changed")) == (0, 0)


@pytest.mark.parametrize("rows", ["bank,Bank,007\n007,Seven,\n", "007,Seven,\nbank,Bank,007\n"])
async def test_an_alias_never_shadows_an_id(rows, market, store):
    deals = "opportunity_id,company_id\ndeal,007\n"
    for _ in ("first", "again"):
        report = await market(companies="company_id,name,aliases\n" + rows, opportunities=deals)
        assert report.total("rejected") == 0
        assert await store.read("test", "MATCH (c:Company) RETURN c.id, c.name ORDER BY c.id", {}) == [["007", "Seven"], ["bank", "Bank"]]
        assert await store.read("test", "MATCH (o:Opportunity) RETURN o.company_id", {}) == [["007"]]
    assert (report.total("created"), report.total("changed")) == (0, 0)


TWO_FANG_WANG = {
    "people": "person_id,name,aliases\np,王芳,Fang Wang\nq,王芳,Fang Wang\nx,X,\n",
    "reporting": "person_id,manager_id\nx,Fang Wang\np,x\n",
}


async def test_a_name_of_two_people_refuses_the_row_that_gives_only_the_name(market, store):
    for created in (4, 0):
        report = await market(**TWO_FANG_WANG)
        assert (report.total("created"), report.total("rejected")) == (created, 1)
        reason = "line 2: manager_id names 'Fang Wang', an alias of several: p, q; use one of these ids"
        assert reason in (Path(report.rejects).parent / "rejects" / "reporting.csv").read_text(encoding="utf-8")
    assert await store.read("test", "MATCH (a)-[r:REPORTS_TO]->(b) RETURN a.id, b.id", {}) == [["p", "x"]]


async def test_of_many_who_bear_a_name_ten_are_told(tmp_path):
    people = "".join(f"p{n:02},P{n},Fang Wang\n" for n in range(13))
    async with spooled(tmp_path, people="person_id,name,aliases\n" + people, reporting="person_id,manager_id\np01,Fang Wang\n") as spool:
        (reject,) = spool.rejects()
    assert reject.reason == f"names 'Fang Wang', an alias of several: {', '.join(f'p{n:02}' for n in range(10))} and 3 more; use one of these ids"


async def test_what_a_refused_row_is_the_first_to_name_is_there_for_the_next(tmp_path):
    """A tag, a dated field, an account's default group."""
    files = {
        "companies": "company_id,name,tier,territory_id,valid_from\na,A,1,nowhere,2024\na,A,2,,2025\n",
        "people": "person_id,name\nli,李伟\n",
        "tags": "person_id,tag\nnobody,云\nli,云\nli,other\nli,other\n",
    }
    async with spooled(tmp_path, **files) as spool:
        assert [(reject.file, reject.line) for reject in spool.rejects()] == [("companies.csv", 2), ("tags.csv", 2)]
        there = {label: [id_ for batch in spool.things(label) for id_ in batch.ids] for label in ("Tag", "Field", "BuyingGroup")}
    assert there == {"Tag": ["other", "云"], "Field": ["TIER"], "BuyingGroup": ["a"]}


async def test_a_name_that_becomes_one_of_two_people_means_what_it_meant(market, store):
    await market(
        as_of=instant("2025-02-01"), people="person_id,name,aliases\np,王芳,Fang Wang\nx,X,\n", reporting="person_id,manager_id\nx,Fang Wang\n"
    )
    await market(as_of=instant("2025-03-01"), people="person_id,name,aliases\nq,王芳,Fang Wang\n")
    report = await market(as_of=instant("2025-01-01"), people="person_id,name\nz,Z\n", reporting="person_id,manager_id\nx,z\n")
    assert report.total("rejected") == 0
    held = "MATCH ({id: 'x'})-[r:REPORTS_TO]->(b) WHERE r.retracted_at > timestamp() * 1000 RETURN b.id ORDER BY r.valid_from"
    assert await store.read("test", held, {}) == [["z"], ["p"]]


async def test_an_id_that_is_also_the_name_of_two_people_is_a_third_person(market, store):
    await market(**TWO_FANG_WANG)
    report = await market(people="person_id,name\nFang Wang,Third\n", reporting="person_id,manager_id\nx,Fang Wang\n")
    assert report.total("rejected") == 0
    assert await store.read("test", "MATCH ({id: 'x'})-[r:REPORTS_TO]->(b) RETURN b.name", {}) == [["Third"]]


async def test_the_end_of_all_days_is_an_open_end(market, store):
    report = await market(**FIRM, employments="person_id,company_id,title,valid_to\np,a,T,9999-12-31\n")
    assert report.total("rejected") == 0
    assert await store.read("test", "MATCH ()-[w:WORKS_AT {title: 'T'}]->() RETURN w.valid_to", {}) == [[period("9999-12-31")[0]]]


async def test_ids_and_aliases_of_the_greatest_length_have_room(market):
    long, other = "😀" * 1_000, "😁" * 1_000
    report = await market(companies=f"company_id,name,aliases\n{long},N,{other}\n", people=f"person_id,name,emails\n{other},N,{long}\n")
    assert (report.total("created"), report.total("rejected")) == (2, 0)


async def test_files_as_of_a_day_ahead_are_told(market, store):
    report = await market(as_of=instant("9000-01-01"), **FIRM)
    assert any("--as-of lies ahead" in warning for warning in report.warnings)
    assert not any("lies ahead" in warning for warning in (await market(as_of=instant(FIRST), **FIRM)).warnings)
