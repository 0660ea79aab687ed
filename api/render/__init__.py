"""How an answer looks outside GraphQL: JSON for every question, rows for every list, more for those with a module of their name here."""

import dataclasses
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, get_origin

import orjson
from strawberry.utils.str_converters import to_camel_case

from api.render.rows import Listing, listing
from api.render.sheets import Rows, as_csv, as_xlsx
from graph.question import Question


def plain(answer: Any) -> Any:
    """An answer as the GraphQL field would hold it: dictionaries with camelCase names."""
    if dataclasses.is_dataclass(answer):
        return {to_camel_case(field.name): plain(getattr(answer, field.name)) for field in dataclasses.fields(answer)}
    return [plain(item) for item in answer] if isinstance(answer, list) else answer


def as_json(answer: Any) -> str:
    """The answer as indented JSON."""
    return orjson.dumps(plain(answer), option=orjson.OPT_INDENT_2).decode()


def _own(question: Question[..., Any]) -> Any:
    """The module of the question's name, if it has one."""
    name = f"api.render.{question.name}"
    return import_module(name) if find_spec(name) else None


def _listed(question: Question[..., Any]) -> Listing | None:
    return listing(question.part) if question.paged or get_origin(question.answer) is list else None


def sheet_of(question: Question[..., Any]) -> Callable[[Any], Rows] | None:
    """What makes rows of an answer, for people who live in sheets: the question's own ``sheet``, else a column a field of a list's items."""
    listed = _listed(question)
    found: Callable[[Any], Rows] | None = getattr(_own(question), "sheet", listed and listed.sheet)
    return found


def formats(question: Question[..., Any]) -> dict[str, Callable[[Any], str | bytes]]:
    """Format -> function from answer to text, or to the bytes of a file; the default first.

    A module of the question's name may have ``FORMATS``, and a ``sheet`` of its own.
    """
    listed = _listed(question)
    known: dict[str, Callable[[Any], str | bytes]] = {"table": listed.table} if listed else {}
    known |= getattr(_own(question), "FORMATS", {})
    if sheet := sheet_of(question):
        known |= {"csv": lambda answer: as_csv(sheet(answer)), "xlsx": lambda answer: as_xlsx(sheet(answer))}
    return {**known, "json": as_json}
