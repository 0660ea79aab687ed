"""docs/security.md: each threat names the tests that try it, and they are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = [line.split("|")[1:-1] for line in PAGE.splitlines() if line.startswith("| ") and "threat |" not in line]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip()[:60])
def test_every_threat_names_tests_that_are_there(row):
    threat, stops, tests = row
    assert threat.strip() and stops.strip()
    named = re.findall(r"`(tests/[\w/.]+\.py)(?:::(\w+))?`", tests)
    assert named
    for file, test in named:
        assert re.search(rf"^(async )?def {test or 'test_'}", (ROOT / file).read_text(encoding="utf-8"), re.M), (file, test)


def test_it_is_found_from_where_people_look():
    assert "docs/security.md" in (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "security.md" in (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
