"""Binds ``reads/x.cypher`` to its typed signature at import and refuses what does not fit."""

import dataclasses
import inspect
import re
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from importlib import resources
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, get_args, get_type_hints

from graph.errors import DefinitionError
from graph.model import EDGE
from graph.view import View

P = ParamSpec("P")
R = TypeVar("R")

SPAN = "{0}.valid_from <= $as_of AND {0}.valid_to >= $since AND {0}.recorded_at <= $known_at < {0}.retracted_at"
"""The clocks of a read that looks at a stretch of world time, from ``$since`` on."""
TOLD = "{0}.valid_from <= $as_of AND {0}.valid_to >= $since AND {0}.recorded_at <= $known_at AND {0}.retracted_at > $since"
"""The clocks of a read that looks at how such a stretch was told, what was retracted since included."""
CLOCKS = "{0}.valid_from <= $as_of < {0}.valid_to AND {0}.recorded_at <= $known_at < {0}.retracted_at"
EVER = "{0}.valid_from <= $as_of AND {0}.recorded_at <= $known_at < {0}.retracted_at"
"""The clocks of a read that looks at what holds or held up to the instant."""
SEEN = "($everywhere OR {0}.territory_id IN $territories OR ($granted AND ({0}:Us OR ({0}.territory_id = '' AND NOT {0}:Account))))"
"""Which companies may be seen (ADR 0034): within the scope; and, where that holds anything, our own and whatever lies nowhere and is no account."""
SEEN_PERSON = f"""($everywhere
  OR ($granted AND NOT EXISTS {{{{ MATCH ({{0}})-[was:WORKS_AT]->(:Company)
    WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at }}}})
  OR EXISTS {{{{ MATCH ({{0}})-[was:WORKS_AT]->(employer:Company)
    WHERE was.valid_from <= $seen_at AND was.recorded_at <= $seen_known < was.retracted_at AND {SEEN.format("employer")}
      AND (was.valid_to > $seen_at OR NOT EXISTS {{{{ MATCH ({{0}})-[now:WORKS_AT]->(:Company)
        WHERE now.valid_from <= $seen_at < now.valid_to AND now.recorded_at <= $seen_known < now.retracted_at }}}}) }}}})"""
"""Which people: whoever works at such a company; who works nowhere now, and ever did at one; and who never worked anywhere. Whatever else a question
looks at, this is told at the instants for which it was asked.
"""


class Reader(Protocol):
    """What a read needs of the store."""

    async def read(self, name: str, text: str, parameters: dict[str, Any]) -> list[list[Any]]:
        """Rows as lists of values."""
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class Read:
    """A bound read: its stem, its text, and the parameters that its signature adds to the View's."""

    name: str
    text: str
    takes: frozenset[str]


READS: dict[str, Read] = {}
ASKING: ContextVar[str | None] = ContextVar("asking", default=None)
"""The question that is being answered: its name goes with each of its reads into the transaction's metadata."""


def code_of(text: str) -> str:
    """The text without its comments."""
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)


def check(name: str, text: str, takes: frozenset[str], row: type) -> None:
    """Raises DefinitionError unless parameters, columns and clocks are as declared.

    The parameters used are the signature's and the View's; the columns of the last RETURN are the row's fields, in order; each clocked edge stands
    with its clocks, and what a scope lets be seen is told by the one rule, both verbatim.
    """
    code = code_of(text)
    used, of_view = set(re.findall(r"\$(\w+)", code)), set(View(0, 0).parameters())
    if used - of_view != takes:
        raise DefinitionError(f"{name}.cypher uses {sorted(used - of_view)}, its signature takes {sorted(takes)}.")
    flat, before = code, ""
    while flat != before:
        flat, before = re.sub(r"\{[^{}]*\}", "", flat), flat
    columns = re.findall(r"\bAS\s+(\w+)", re.split(r"\bRETURN\b", flat)[-1])
    fields = [field.name for field in dataclasses.fields(row)]
    if columns != fields:
        raise DefinitionError(f"{name}.cypher returns {columns}, {row.__name__} has {fields}.")
    one_line = " ".join(code.split())
    for rule in (SEEN_PERSON, SEEN):
        for variable in set(re.findall(r"\((\w+)[:) ]", one_line)):
            one_line = one_line.replace(" ".join(rule.format(variable).split()), "")
    if "$territories" in one_line:
        raise DefinitionError(f"{name}.cypher says in words of its own what may be seen. Write {SEEN.format('c')} of a company.")
    for variable, types in re.findall(r"\[(\w*)\s*:\s*([A-Z_|]+)", one_line):
        if set(types.split("|")) & set(EDGE) and not (variable and any(clocks.format(variable) in one_line for clocks in (CLOCKS, SPAN, TOLD, EVER))):
            raise DefinitionError(f"{name}.cypher: [{variable}:{types}] stands without its clocks: {CLOCKS.format(variable or 'r')}")


def read(stub: Callable[P, Awaitable[list[R]]]) -> Callable[Concatenate[Reader, View, P], Awaitable[list[R]]]:
    """Makes the stub the read of its name: ``reads/<name>.cypher`` beside its module, its parameters, its row type.

    Raises DefinitionError at import when the three do not fit.
    """
    name, signature, hints = stub.__name__, inspect.signature(stub), get_type_hints(stub)
    row = get_args(hints["return"])[0]
    package = stub.__module__.partition(".")[0]
    file = resources.files(package).joinpath("reads", f"{name}.cypher")
    if not file.is_file():
        raise DefinitionError(f"{package}/reads/{name}.cypher is missing; {stub.__module__} declares a read of that name.")
    text = file.read_text(encoding="utf-8")
    parameters = tuple(signature.parameters)
    takes = frozenset(parameters)
    check(name, text, takes, row)
    READS[name] = Read(name, text, takes)

    async def run(store: Reader, view: View, /, *args: P.args, **kwargs: P.kwargs) -> list[R]:
        given = dict(zip(parameters, args, strict=False)) | kwargs
        if given.keys() != takes:
            signature.bind(*args, **kwargs)
        return [row(*values) for values in await store.read(ASKING.get() or name, text, view.parameters() | given)]

    run.__doc__ = stub.__doc__
    run.__name__ = name
    return run
