"""What can be asked and said, and its errors' codes: known without GraphQL, so that the command line need not read that first."""

from typing import Any

from pydantic.alias_generators import to_camel

from graph.errors import DottedlineError
from graph.mutation import Mutation, mutations
from graph.question import Anchor, Question, discover
from queries.anchors.entities import entity

QUESTIONS = discover("queries")
MUTATIONS = (*mutations("loaders.writes"), *mutations("graph.writes"))
FACTS: dict[Anchor, type] = {anchor: entity(anchor).facts for anchor in Anchor}
CLOCKS = {
    "as_of": "True in the world then; default: the end of today.",
    "known_at": "Known to us then; default: the last finished load.",
}


def place_of(asked: Question[Any, Any] | Mutation[Any]) -> tuple[str, str]:
    """The type and the field of the schema at which a question or a mutation stands."""
    if isinstance(asked, Mutation):
        return "Mutation", to_camel(asked.field)
    return asked.anchor.value if asked.anchor else "Query", to_camel(asked.field)


def code_of(error: BaseException | None) -> dict[str, Any]:
    """The extensions of an error that was raised on purpose; of any other, nothing but INTERNAL."""
    if isinstance(error, DottedlineError):
        return {"code": error.code, **error.details}
    return {"code": "INTERNAL"}
