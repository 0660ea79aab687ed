"""CONTRIBUTING's worked example: a question is new files and no edit of an old one."""

import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns

ROOT = Path(__file__).parent.parent.parent

READ = """// head_count: how many people have a job at each account
// :params { accounts: ["a"], as_of: 0, known_at: 0, everywhere: true, granted: false, territories: [], most: 1000 }
UNWIND $accounts AS account
MATCH (c:Company {id: account})
WHERE ($everywhere OR c.territory_id IN $territories OR ($granted AND (c:Us OR (c.territory_id = '' AND NOT c:Account))))
RETURN account AS account,
  COUNT { MATCH (c)<-[w:WORKS_AT]-(:Person)
          WHERE w.valid_from <= $as_of < w.valid_to AND w.recorded_at <= $known_at < w.retracted_at } AS people
ORDER BY account LIMIT $most
"""

QUESTION = '''"""How many people have a job at an account."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from graph.answer import Id, answer
from graph.question import Anchor, question
from graph.read import Reader, read
from graph.view import View


@answer
class HeadCount:
    """How many."""

    people: Annotated[int, "People with a job there."]


@answer
class HeadCountRows:
    """One row an account."""

    account: Id
    people: int


@read
async def head_count_rows(accounts: Sequence[str], most: int) -> list[HeadCountRows]:
    """The counts."""
    raise NotImplementedError


@question(Anchor.COMPANY)
async def head_count(store: Reader, view: View, accounts: Sequence[str]) -> Mapping[str, HeadCount]:
    """How many people have a job there."""
    return {row.account: HeadCount(row.people) for row in await head_count_rows(store, view, accounts, 1000)}
'''


def test_two_new_files_are_a_question(tmp_path, database, store, settings):
    project = tmp_path / "project"
    copytree(ROOT, project, ignore=ignore_patterns(".venv", ".git", "tests", ".*cache"))
    (project / "queries" / "reads" / "head_count_rows.cypher").write_text(READ, encoding="utf-8")
    (project / "queries" / "head_count.py").write_text(QUESTION, encoding="utf-8")
    environment = {
        **os.environ,
        "NEO4J_URI": database.uri,
        "NEO4J_PASSWORD": database.password,
        "DOTTEDLINE_HOME": str(settings.home),
        "PYTHONPATH": str(project),
    }

    def run(*arguments):
        done = subprocess.run([sys.executable, *arguments], cwd=project, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    cli = ["-c", "from api.cli import main; main()"]
    run(*cli, "load", "samples/krackhardt")
    assert '"people": 21' in run(*cli, "ask", "head-count", "--account", "krackhardt")
    assert '"people": 21' in run(*cli, "graphql", '{ account(id: "krackhardt") { headCount { people } } }')
    run("-m", "api.docs")
    assert "## head-count" in (project / "docs" / "queries.md").read_text(encoding="utf-8")
    assert "headCount(" in (project / "api" / "schema.graphql").read_text(encoding="utf-8")
