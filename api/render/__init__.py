"""How an answer looks outside GraphQL: JSON for every question, rows for every list, more for those with a module of their name here."""

import dataclasses
from importlib import import_module
from importlib.util import find_spec
from typing import Any, get_origin

import orjson
from strawberry.utils.str_converters import to_camel_case

from api.render.rows import formats_of
from graph.question import Question


def plain(answer: Any) -> Any:
    """An answer as the GraphQL field would hold it: dictionaries with camelCase names."""
    if dataclasses.is_dataclass(answer):
        return {to_camel_case(field.name): plain(getattr(answer, field.name)) for field in dataclasses.fields(answer)}
    return [plain(item) for item in answer] if isinstance(answer, list) else answer


def as_json(answer: Any) -> str:
    """The answer as indented JSON."""
    return orjson.dumps(plain(answer), option=orjson.OPT_INDENT_2).decode()


def formats(question: Question[..., Any]) -> dict[str, Any]:
    """Format -> function from answer to text, the default first."""
    name = f"api.render.{question.name}"
    listed = question.paged or get_origin(question.answer) is list
    rows: dict[str, Any] = formats_of(question.part) if listed else {}
    own: dict[str, Any] = import_module(name).FORMATS if find_spec(name) else {}
    return {**rows, **own, "json": as_json}
