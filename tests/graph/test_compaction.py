"""Who is erased is in no file of the home but Neo4j's, and after compacting in none of those either; all else is there as it was."""

import gzip
import re
import zipfile
import zlib
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import pytest

from api.context import Context
from graph.compaction import compact
from graph.errors import NotFound
from graph.ledger import unload
from graph.local import LocalNeo4j
from graph.mutation import Desk
from graph.settings import load_settings
from graph.snapshot.keeper import Keeper
from graph.store import Store
from graph.trail import Trail
from graph.upgrade import ensure_schema
from graph.writes.erase_person import erase_person
from loaders import identity
from loaders.export import export
from loaders.run import load

pytestmark = pytest.mark.long

ZOE = "zoe-of-the-unmistakable-identifier-7f3a91c2"
HER = (
    ZOE,
    "Zoë Quillfeather-Ravenscroft",
    "佐伊·奎尔",
    "zoe.quillfeather@acme.example",
    "+4930987654321",
    "cookie-of-zoe-55e1",
    "quillfeather-linkedin",
)
"""Nobody else bears any of these, so wherever one of them stands, she is left."""
FILES = {
    "companies": "company_id,name,kinds,owner_id\nacme,Acme,account,me\nus,Us,us,\n",
    "people": "person_id,name,aliases,company_id,title,emails,phones,identifiers,linkedin_url\n"
    f"{ZOE},{HER[1]},{HER[2]},acme,CFO,{HER[3]},{HER[4]},{HER[5]},https://www.linkedin.com/in/{HER[6]}\n"
    "ann,Ann Lee,,acme,CEO,ann@acme.example,,,\nme,Me,,us,,,,,\n",
    "reporting": f"person_id,manager_id\nann,{ZOE}\n{ZOE},{ZOE}\n",
    "members": f"person_id,company_id,stance,author_id\nann,acme,1,{ZOE}\n{ZOE},acme,-1,me\n",
    "roles": f"person_id,role,company_id\nann,DECISION_MAKER,acme\n{ZOE},ECONOMIC_BUYER,acme\n",
    "interactions": f"interaction_id,type,at,from_id,to_ids\ni1,meeting,2026-03-01,me,{ZOE};ann\ni2,page_view,2026-03-02,{HER[5]},\n",
    "participants": f"interaction_id,person_id\nnowhere,{HER[3]}\nnowhere,ann\n",
    "employments": f"person_id,company_id,title,valid_from,valid_to\n{ZOE},acme,Intern,2001,2000\n{ZOE},acme,Clerk,2002,2005\n",
}
LATER = {"people": "person_id,name,company_id,title\nann,Ann Lee,acme,Chair\n"}


def found_in(folder: Path) -> set[str]:
    """The files, by the folder at the top, in which she is named; what is packed is opened."""
    return {path.relative_to(folder).parts[0] for path in folder.rglob("*") if path.is_file() and names_her(path.read_bytes())}


def names_her(data: bytes) -> bool:
    """Whether bytes, or what is packed in them, name her."""
    return any(name.encode() in data for name in HER) or any(map(names_her, unpacked(data)))


def unpacked(data: bytes):
    """What is packed: a gzip file, the parts of a zip or a workbook, streams of zlib wherever they begin, such as the journal's rows."""
    if data.startswith(b"\x1f\x8b"):
        yield gzip.decompress(data)
    if zipfile.is_zipfile(BytesIO(data)):
        with zipfile.ZipFile(BytesIO(data)) as file:
            yield from map(file.read, file.namelist())
    for start in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data):
        try:
            yield zlib.decompressobj().decompress(data[start.start() : start.start() + 100_000])
        except zlib.error:
            continue


EVERYTHING = (
    "MATCH (n) WHERE NOT n:Lease RETURN labels(n), properties(n)",
    "MATCH (a)-[r]->(b) RETURN type(r), properties(r), coalesce(a.id, a.name), coalesce(b.id, b.name)",
)


async def everything(store: Store) -> list[str]:
    rows = [row for text in EVERYTHING for row in await store.read("test", text, {})]
    return sorted(str([sorted(what) if isinstance(what, list) else what, sorted(held.items()), *ends]) for what, held, *ends in rows)


@pytest.fixture
def local(tmp_path):
    """A local database with a home and a life of its own."""
    cache = str(load_settings().cache)
    given = {
        "DOTTEDLINE_HOME": str(tmp_path / "home"),
        "DOTTEDLINE_CACHE": cache,
        "DOTTEDLINE_NEO4J_LIGHT": "true",
        "DOTTEDLINE_SNAPSHOT_SECONDS": "60",
    }
    made = LocalNeo4j(load_settings(given))
    yield made
    made.stop()


@asynccontextmanager
async def opened(local: LocalNeo4j):
    running = local.start(owned=True)
    async with Store(local.settings, running.uri, running.user, running.password) as store:
        await store.verify()
        await ensure_schema(store)
        yield store


def files(folder: Path, texts: dict[str, str]) -> Path:
    folder.mkdir()
    for kind, text in texts.items():
        (folder / f"{kind}.csv").write_text(text, encoding="utf-8")
    return folder


async def test_an_erasure_and_a_compaction(local, tmp_path):
    home = local.settings.home
    async with opened(local) as store:
        for number, texts in enumerate((FILES, LATER)):
            await load(store, [files(tmp_path / str(number), texts)], reports_in=home / "reports")
        await store.companion(Keeper).at(await Context(store, local.settings).view())
        await store.companion(Keeper).close()
        line = {
            "at": "2026-03-01T09:00:00+00:00",
            "who": HER[3],
            "purpose": f"a call with {HER[1]}",
            "asked": [{"what": "person", "about": {"id": ZOE}}],
        }
        Trail(home).append([line])
        assert {"reports", "snapshots", "audit", "neo4j"} <= found_in(home)
        await erase_person(Desk(store, identity), id=HER[3])
        assert found_in(home) <= {"neo4j"}
        await export(store, tmp_path / "export", recorded=True)
        assert not found_in(tmp_path / "export")
        before = await everything(store)
        assert not any(map(names_her, (text.encode() for text in before)))
        assert any("'title', 'CEO'" in text for text in before), "what was known before is history, and stays"
    assert found_in(home) == {"neo4j"}, "Neo4j's own files keep what was deleted"
    told = []
    made = await compact(local, identity, lambda *step: told.append(step))
    assert found_in(home) == set()
    assert {step for step, *_ in told} == {"copied", "compared"}
    async with opened(local) as store:
        assert await everything(store) == before
        assert made.nodes + made.edges == len(before) + 1, "and the lease"
        again = await load(store, [tmp_path / "0"], reports_in=home / "reports")
        assert again.total("created") == 0
        assert again.rejects is not None
        assert found_in(home) <= {"neo4j"}
        with pytest.raises(NotFound):
            await erase_person(Desk(store, identity), id=ZOE)
        await unload(store, "canonical", identity)
