"""Who asked what about whom, and for which purpose: from a request to a line of the trail, written beside the loop."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from itertools import count, islice
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_named_type,
)
from graphql.utilities import value_from_ast_untyped
from starlette.requests import Request
from strawberry.utils.str_converters import to_camel_case

from api.documents import Ask, Document
from api.registry import MUTATIONS, QUESTIONS
from graph.errors import DottedlineError, InvalidInput, StoreUnavailable
from graph.journal import batches
from graph.principal import Principal
from graph.question import Anchor
from graph.search import names_of
from graph.settings import Settings
from graph.store import Store
from graph.tombstones import tombstones
from graph.trail import Trail, texts_of
from graph.view import View
from loaders import identity
from loaders.erased import Erased
from queries.anchors.entities import MOST, entity

log = logging.getLogger(__name__)
EVERY_SECONDS = 1.0
"""So often lines are written; of a process that is killed so many seconds are lost."""
MOST_WAITING = 20_000
"""So many lines may wait for a disk that does not take them; then nothing is answered."""
MOST_ASKED = 200
"""So many questions of one request are told one by one."""
MOST_STEPS = 5_000
"""So many fields of a document are looked at, those of a fragment each time that it stands."""
LONGEST = 200
"""Signs of a purpose, and of a text that was asked for."""
MOST_ITEMS = 1_000
"""Items of a list or an object that was asked for."""
MOST_LEVELS = 5
"""Levels of an object that was asked for: no argument has more."""
TOGETHER = 5_000
DAY = 86_400.0
TOLD = {
    *((question.anchor.value if question.anchor else "Query", to_camel_case(question.field)) for question in QUESTIONS),
    *(("Mutation", to_camel_case(mutation.field)) for mutation in MUTATIONS),
    *(("Query", name) for anchor in Anchor for name in entity(anchor).roots),
}
"""Types with their fields that are questions or mutations, or lead to an anchor; all others tell what these found."""

Asked = dict[str, Any]


def asked_of(schema: GraphQLSchema, document: Document, operation: str | None, variables: Mapping[str, Any] | None) -> list[Asked]:
    """What a document asks, as ``{"what": "account.decisionChain", "about": {"id": "bank"}}``: each question, with the arguments on the way to it.

    It needs no answer: what is refused is told too. What does not hang on variables is looked up once a document.
    """
    one = next(iter(document.operations(operation)), None)
    if document.tree is None or one is None:
        return []
    name = one.name.value if one.name else ""
    if name not in document.asks:
        document.asks[name] = _asks(schema, document.tree, one)
    given: dict[str, Any] = {}
    for node in one.variable_definitions or ():
        value = (variables or {}).get(node.variable.name.value, Undefined)
        given[node.variable.name.value] = value_from_ast_untyped(node.default_value) if value is Undefined and node.default_value else value
    return [_asked(ask, given) for ask in document.asks[name]]


def _asked(ask: Ask, variables: dict[str, Any]) -> Asked:
    about = dict(ask.about)
    for name, node in ask.hanging:
        value = value_from_ast_untyped(node, variables)
        if value is not Undefined:
            about[name] = _short(value)
    return {"what": ask.what, "about": about} if about else {"what": ask.what}


def _asks(schema: GraphQLSchema, tree: DocumentNode, operation: OperationDefinitionNode) -> list[Ask]:
    fragments = {node.name.value: node.selection_set for node in tree.definitions if isinstance(node, FragmentDefinitionNode)}
    found: list[Ask] = []
    steps = count()

    def walk(
        selection: SelectionSetNode | None, on: GraphQLNamedType | None, path: str, about: Mapping[str, ValueNode], within: frozenset[str]
    ) -> bool:
        """Whether a question was found below."""
        any_ = False
        for node in selection.selections if selection else ():
            if len(found) >= MOST_ASKED or next(steps) >= MOST_STEPS:
                return True
            if isinstance(node, FragmentSpreadNode):
                name = node.name.value
                any_ |= name not in within and walk(fragments.get(name), on, path, about, within | {name})
            elif isinstance(node, InlineFragmentNode):
                any_ |= walk(node.selection_set, on, path, about, within)
            elif isinstance(node, FieldNode):
                any_ |= field(node, on, path, about, within)
        return any_

    def field(node: FieldNode, on: GraphQLNamedType | None, path: str, about: Mapping[str, ValueNode], within: frozenset[str]) -> bool:
        name = node.name.value
        known = on.fields.get(name) if isinstance(on, GraphQLObjectType) else None
        leads = get_named_type(known.type) if known else None
        if on is None or (on.name, name) not in TOLD:
            return walk(node.selection_set, leads, path, about, within)
        here = f"{path}.{name}" if path else name
        told = {**about, **{argument.name.value: argument.value for argument in node.arguments or ()}}
        if not walk(node.selection_set, leads, here, told, within):
            hanging = {name: value for name, value in told.items() if _hangs(value)}
            fixed = {name: _short(value_from_ast_untyped(value)) for name, value in told.items() if name not in hanging}
            found.append(Ask(here, fixed, tuple(hanging.items())))
        return True

    walk(operation.selection_set, schema.get_root_type(operation.operation), "", {}, frozenset())
    return found


def _hangs(value: ValueNode) -> bool:
    """Whether a variable stands in a value."""
    if isinstance(value, ListValueNode):
        return any(map(_hangs, value.values))
    if isinstance(value, ObjectValueNode):
        return any(_hangs(field.value) for field in value.fields)
    return isinstance(value, VariableNode)


def _short(value: Any, levels: int = MOST_LEVELS) -> Any:
    if isinstance(value, str):
        return value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"
    if isinstance(value, dict | list) and not levels:
        return "…"
    if isinstance(value, dict):
        return {name: _short(item, levels - 1) for name, item in islice(value.items(), MOST_ITEMS)}
    return [_short(item, levels - 1) for item in value[:MOST_ITEMS]] if isinstance(value, list) else value


def codes_of(answer: Mapping[str, Any]) -> list[str]:
    """The codes of an answer's errors, each once."""
    return list(dict.fromkeys(error.get("extensions", {}).get("code", "INTERNAL") for error in answer.get("errors", ())))


class Audit:
    """Lines of the trail, written once a second by a thread. ``DOTTEDLINE_AUDIT_DAYS`` of 0 writes none."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.trail = Trail(settings.home)
        self._purposes = [purpose for part in settings.purposes.split(";") if (purpose := part.strip())]
        self._waiting: list[dict[str, Any]] = []
        self._nobody = Counter[str]()

    def purpose_of(self, request: Request) -> str | None:
        """For which purpose is asked. Raises InvalidInput for one that is not allowed, and StoreUnavailable while no line can be written."""
        if len(self._waiting) >= MOST_WAITING:
            raise StoreUnavailable("The trail of who asks cannot be written, so nothing is answered. Make room in DOTTEDLINE_HOME.")
        purpose = " ".join(request.headers.get("purpose", "").split())
        if len(purpose) > LONGEST:
            raise InvalidInput(f"The header `purpose` has more than {LONGEST} signs. Say it in fewer.", argument="purpose")
        if self._purposes and purpose not in self._purposes:
            raise InvalidInput(f"Say for which purpose you ask, in the header `purpose`: one of {', '.join(self._purposes)}.", argument="purpose")
        return purpose or None

    def note(self, who: Principal | None, purpose: str | None, request_id: str | None, face: str, asked: list[Asked], refused: list[str]) -> None:
        """One request: what it asked, and the codes of what was refused; never what was answered. Of nobody's requests only the number is kept."""
        if not self.settings.audit_days:
            return
        if who is None:
            self._nobody.update(refused)
        elif asked or refused:
            line = {"at": _now(), "who": who.name, "purpose": purpose, "request": request_id, "face": face, "asked": asked, "refused": refused}
            self._waiting.append({name: value for name, value in line.items() if value})

    @asynccontextmanager
    async def running(self, store: Store) -> AsyncIterator[None]:
        """Writes and prunes while the block runs; at its end nothing waits."""
        if not self.settings.audit_days:
            yield
            return
        tasks = [asyncio.create_task(self._write()), asyncio.create_task(self._tidy(store))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.flush()

    async def flush(self) -> None:
        """Writes what waits; on a disk that does not take it, it waits on."""
        lines, self._waiting = self._waiting, []
        nobody, self._nobody = self._nobody, Counter()
        lines += [{"at": _now(), "refused": [code], "times": times} for code, times in nobody.items()]
        if not lines:
            return
        try:
            await asyncio.to_thread(self.trail.append, lines)
        except OSError as error:
            self._waiting[:0] = lines
            log.error("the trail cannot be written", extra={"reason": error.strerror})

    async def _write(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self.flush()

    async def _tidy(self, store: Store) -> None:
        """Once a day: files past their time go, and whoever was erased elsewhere goes from those that are left."""
        while True:
            with suppress(OSError):
                await asyncio.to_thread(self.trail.prune, self.settings.audit_days)
                await self.strike_erased(store)
            await asyncio.sleep(DAY)

    async def strike_erased(self, store: Store) -> int:
        """Takes out whoever has a tombstone. How many files changed."""
        try:
            stones = await tombstones(store, identity)
        except DottedlineError as error:
            log.error("the trail was not looked through for who was erased", extra={"code": error.code})
            return 0
        if stones is None:
            return 0
        return await asyncio.to_thread(self.trail.strike_anew, Erased(stones).bore, len(stones.marks))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def asked_about(line: Mapping[str, Any]) -> set[str]:
    """Every text that a line's questions were about: ids and aliases among them."""
    return {text for asked in line.get("asked", ()) for text in texts_of(asked.get("about"))}


async def naming(store: Store, view: View, about: str, texts: Collection[str]) -> frozenset[str]:
    """Itself, and those of these texts that name the same thing, as ids and aliases stand now; two reads a kind of thing for each 5,000 texts."""
    found = {about}
    for anchor in Anchor:
        ids = {id_ for each in (await _named(store, view, anchor, [about])).values() for id_ in each}
        for piece in batches(sorted(texts), TOGETHER) if ids else ():
            found |= {text for text, named in (await _named(store, view, anchor, piece)).items() if not ids.isdisjoint(named)}
    return frozenset(found)


async def _named(store: Store, view: View, anchor: Anchor, texts: Sequence[str]) -> dict[str, list[str]]:
    rows = await entity(anchor).named(store, view, [(text, names_of(text)) for text in texts], MOST)
    return {row.given: row.own or row.others for row in rows}
