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
from graphql import (
    REMOVE,
    ArgumentNode,
    FieldNode,
    GraphQLObjectType,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    parse,
    print_ast,
    visit,
)
from hypothesis import HealthCheck
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.graphql import nodes

from bench.serving import serving
from graph.errors import DottedlineError, every_error

ROOT = Path(__file__).parent.parent.parent
SAMPLE = ROOT / "samples" / "market"
SCHEMA = build_schema((ROOT / "api" / "schema.graphql").read_text(encoding="utf-8"))
SETTINGS = {
    "MAX_COST": "1000000",
    "MAX_DEPTH": "40",
    "MAX_ALIASES": "1000",
    "RATE": "1000",
    "RATE_BURST": "1000",
    "READ_SECONDS": "60",
    "SNAPSHOT_SECONDS": "60",
    "WARM": "true",
}
"""Limits are loose, so that what lies behind them is reached; and the machine may be busy."""
OURS = {error.code for error in every_error()} | {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_DATE", "BAD_ENUM"}
FAULTS = {"INTERNAL", DottedlineError.code}
DATES = ["2026-05-31", "2026-06-30T09:00:00Z", "2025-12-31"]
ODD_DATES = ["0001-01-01", "9999-12-31T23:59:59.999999+00:00", "2026-02-30", "soon", ""]
SELDOM = st.sampled_from([False] * 7 + [True])
"""Whether a value is an odd one: a document has many, and one that is refused hides how the others are answered."""
ANCHORS = {"Query.account": "companies", "Query.company": "companies", "Query.person": "people", "Query.opportunity": "opportunities"}
ANCHORS |= {"Query.campaign": "campaigns", "Query.product": "products"}
"""Root field -> whose ids it is given; the others any."""


class Asked:
    """What was asked, and how it was answered."""

    def __init__(self) -> None:
        self.documents: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.fields: set[str] = set()

    def note(self, label: str, document: str, answer: dict[str, Any], codes: set[str]) -> None:
        """One document of a root field, and its answer."""
        self.documents[label] += 1
        told = any(value is not None for value in (answer.get("data") or {}).values())
        self.outcomes.update(codes | {"some data" if told else "no data"})
        if "GRAPHQL_PARSE_FAILED" not in codes:
            self.fields |= fields_in(document)

    @property
    def summary(self) -> str:
        """In two lines."""
        every, documents, roots = fields_of(SCHEMA), self.documents.total(), len(self.documents)
        outcomes = ", ".join(f"{name} in {count:,}" for name, count in self.outcomes.most_common())
        return f"{documents:,} documents on {roots} root fields, with {len(self.fields & every)} of {len(every)} fields of objects\n{outcomes}"


def fields_of(schema: GraphQLSchema) -> set[str]:
    """``Type.field`` of all that may be asked for."""
    objects = [type_ for name, type_ in schema.type_map.items() if isinstance(type_, GraphQLObjectType) and not name.startswith("__")]
    return {f"{type_.name}.{field}" for type_ in objects for field in type_.fields}


def fields_in(document: str) -> set[str]:
    """``Type.field`` of what a document asks for."""
    info, found = TypeInfo(SCHEMA), set()

    class Names(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            if (parent := info.get_parent_type()) is not None:
                found.add(f"{parent.name}.{node.name.value}")

    visit(parse(document), TypeInfoVisitor(info, Names()))
    return found


def asking(asked: Asked) -> Callable[[Any], None]:
    """What asks one document, counts it, and raises AssertionError for a wrong answer."""

    def ask(case: Any) -> None:
        response = case.call(timeout=120)
        media = response.headers["content-type"][0]
        assert response.status_code < 500 and media.startswith("application/json"), f"status {response.status_code}, {media}: {case.body}"
        answer = response.json()
        codes = {error.get("extensions", {}).get("code") for error in answer.get("errors", [])}
        asked.note(case.operation.label, case.body, answer, codes)
        assert codes <= OURS - FAULTS, f"codes {codes}: {case.body}"

    return ask


def known(ids: list[str]) -> None:
    """Values of each scalar: mostly such as a client sends, so that a document is answered; sometimes any that there is."""

    def given(name: str, node: Callable[[Any], Any], usual: st.SearchStrategy[Any], odd: st.SearchStrategy[Any]) -> None:
        schemathesis.graphql.scalar(name, SELDOM.flatmap(lambda seldom: odd if seldom else usual).map(node))

    text = st.text(st.characters(codec="utf-8"), max_size=20)
    given("ID", nodes.String, st.sampled_from(ids), text)
    given("DateTime", nodes.String, st.sampled_from(DATES), st.sampled_from(ODD_DATES))
    given("Int", nodes.Int, st.integers(1, 20), st.integers(-(2**31), 2**31 - 1))
    given("Float", nodes.Float, st.floats(0, 1), st.floats(allow_nan=False, allow_infinity=False))


def documents_of(cases: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """These, mostly without cursors, which nobody can guess."""
    return SELDOM.flatmap(lambda seldom: cases if seldom else cases.map(first_page))


def first_page(case: Any) -> Any:
    """The case without its cursors."""

    class NoCursor(Visitor):
        def enter_argument(self, node: ArgumentNode, *_: Any) -> Any:
            return REMOVE if node.name.value == "after" else None

    case.body = print_ast(visit(parse(case.body), NoCursor()))
    return case


def main(
    cases: Annotated[int, typer.Option(help="About so many documents, spread over all fields of Query and Mutation.")] = 5_000,
    seed: Annotated[int, typer.Option(help="Of other documents.")] = 0,
) -> None:
    """Ask them all; end with 1 if any answer is wrong, and say which document it was."""
    ids = {name: _ids(name) for name in ("companies", "people", "opportunities", "campaigns", "products")}
    asked, wrong = Asked(), list[str]()
    with serving(SAMPLE, as_of="2026-06-30", settings=SETTINGS) as server:
        schema = schemathesis.graphql.from_url(f"{server.url}/graphql")
        found = list(schema.get_all_operations())
        operations = [one.ok() for one in found if isinstance(one, Ok)]
        assert len(operations) == len(found), "schemathesis understands every root field"
        often = hypothesis.settings(max_examples=-(-cases // len(operations)), deadline=None, database=None, suppress_health_check=[*HealthCheck])
        for operation in operations:
            known(ids.get(ANCHORS.get(operation.label, ""), [id_ for some in ids.values() for id_ in some]))
            try:
                hypothesis.seed(seed)(often(hypothesis.given(documents_of(operation.as_strategy()))(asking(asked))))()
            except AssertionError as error:
                wrong.append(f"{operation.label}: {error}")
    typer.echo("\n".join([*wrong, asked.summary, f"{len(wrong)} root fields with a wrong answer"]))
    sys.exit(1 if wrong else 0)


def _ids(name: str) -> list[str]:
    """The first of a file of the sample."""
    return [line.split(",")[0] for line in (SAMPLE / f"{name}.csv").read_text(encoding="utf-8").splitlines()[1:40]]


if __name__ == "__main__":
    typer.run(main)
