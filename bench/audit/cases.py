"""``make schemathesis``: documents that schemathesis makes from the schema, asked of a server of its own with the sample market in it.

Every answer must be JSON under its media type, with errors of known codes only, none of them a fault of ours.
"""

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import hypothesis
import schemathesis
import typer
from graphql import StringValueNode
from hypothesis import HealthCheck
from hypothesis import strategies as st
from schemathesis.core.result import Ok

from bench.serving import serving
from graph.errors import DottedlineError, every_error

SAMPLE = Path(__file__).parent.parent.parent / "samples" / "market"
SETTINGS = {"MAX_COST": "1000000", "MAX_DEPTH": "40", "MAX_ALIASES": "1000", "READ_SECONDS": "60", "SNAPSHOT_SECONDS": "60", "WARM": "true"}
"""Limits are loose, so that what lies behind them is reached; and the machine may be busy."""
OURS = {error.code for error in every_error()} | {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_DATE", "BAD_ENUM"}
FAULTS = {"INTERNAL", DottedlineError.code}
DATES = ["2026-05-31", "2026-06-30T09:00:00Z", "0001-01-01", "9999-12-31T23:59:59.999999+00:00", "2026-02-30", "soon", ""]


def fault(response: Any) -> str | None:
    """What is wrong with an answer; None when nothing is."""
    if response.status_code >= 500 or not response.headers["content-type"][0].startswith("application/json"):
        return f"status {response.status_code}, {response.headers['content-type']}"
    codes = {error.get("extensions", {}).get("code") for error in response.json().get("errors", [])}
    return f"codes {codes}" if codes - OURS or codes & FAULTS else None


def asking(asked: Counter[str]) -> Callable[[Any], None]:
    """What asks one document, counts it, and raises AssertionError for a wrong answer."""

    def ask(case: Any) -> None:
        asked[case.operation.label] += 1
        found = fault(case.call(timeout=120))
        assert found is None, f"{found}: {case.body}"

    return ask


def known(ids: list[str]) -> None:
    """Ids that exist beside ids that do not, and dates of all sorts."""

    def written(value: str) -> StringValueNode:
        return StringValueNode(value=value)

    text = st.text(st.characters(codec="utf-8"), max_size=20)
    schemathesis.graphql.scalar("ID", (st.sampled_from(ids) | st.sampled_from(ids) | text).map(written))
    schemathesis.graphql.scalar("DateTime", st.sampled_from(DATES).map(written))


def main(cases: Annotated[int, typer.Option(help="About so many documents, spread over all fields of Query and Mutation.")] = 5_000) -> None:
    """Ask them all; end with 1 if any answer is wrong, and say which document it was."""
    rows = [line.split(",")[0] for name in ("companies", "people", "opportunities", "campaigns", "products") for line in _lines(name)]
    known(rows)
    asked: Counter[str] = Counter()
    wrong: list[str] = []
    with serving(SAMPLE, as_of="2026-06-30", settings=SETTINGS) as server:
        schema = schemathesis.graphql.from_url(f"{server.url}/graphql")
        operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
        often = hypothesis.settings(max_examples=-(-cases // len(operations)), deadline=None, database=None, suppress_health_check=[*HealthCheck])
        for operation in operations:
            try:
                often(hypothesis.given(operation.as_strategy())(asking(asked)))()
            except AssertionError as error:
                wrong.append(f"{operation.label}: {error}")
    typer.echo("\n".join([*wrong, f"{sum(asked.values()):,} documents on {len(asked)} fields, {len(wrong)} fields with a wrong answer"]))
    sys.exit(1 if wrong else 0)


def _lines(name: str) -> list[str]:
    """The rows of a file of the sample."""
    path = SAMPLE / f"{name}.csv"
    return path.read_text(encoding="utf-8").splitlines()[1:40] if path.exists() else []


if __name__ == "__main__":
    typer.run(main)
