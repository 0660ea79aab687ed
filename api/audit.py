"""Who asked what about whom, and for which purpose: from a request to a line of the trail, written beside the loop."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_named_type,
)
from starlette.requests import Request

from api.documents import Ask, Document
from api.registry import MUTATIONS, QUESTIONS, place_of
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
"""So many fields of a document are looked at, those of a fragment once below each question."""
MOST_SIGNS = 32_768
"""Signs of all values of a request together."""
LONGEST = 200
"""Signs of a purpose, and of a text that was asked for."""
MOST_LEVELS = 5
"""Levels of an object that was asked for: no argument has more."""
DIGITS = 18
"""Digits of a number that a line holds as one; a longer one stands there as a text."""
BITS = 63
TOGETHER = 5_000
DAY = 86_400.0
TOLD = {
    *map(place_of, QUESTIONS),
    *map(place_of, MUTATIONS),
    *(("Query", name) for anchor in Anchor for name in entity(anchor).roots),
}
"""Types with their fields that are questions or mutations, or lead to an anchor; all others tell what these found."""

Asked = dict[str, Any]


def asked_of(schema: GraphQLSchema, document: Document, operation: str | None, variables: Mapping[str, Any] | None) -> list[Asked]:
    """What a document asks, as ``{"what": "account.decisionChain", "about": {"id": "bank"}}``: each question, with the arguments on the way to it.

    It needs no answer: what is refused is told too. What does not hang on variables is looked up once a document. All questions together have at most
    ``MOST_SIGNS`` of values, each its share. The last is ``{"more": True}`` where not all of the document was looked at.
    """
    one = next(iter(document.operations(operation)), None)
    if document.tree is None or one is None:
        return []
    name = one.name.value if one.name else ""
    if name not in document.asks:
        document.asks[name] = _asks(schema, document.tree, one)
    given: dict[str, Any] = {}
    for node in one.variable_definitions or ():
        value = (variables or {}).get(node.variable.name.value, node.default_value)
        given[node.variable.name.value] = Undefined if value is None and node.variable.name.value not in (variables or {}) else value
    return [_asked(ask, given) for ask in document.asks[name]]


def _asked(ask: Ask, variables: dict[str, Any]) -> Asked:
    if not ask.what:
        return {"more": True}
    about, short = dict(ask.about), _Short(ask.room, variables)
    for name, node in ask.hanging:
        value = short(node)
        if value is not Undefined:
            about[name] = value
    return {"what": ask.what, "about": about} if about else {"what": ask.what}


def _asks(schema: GraphQLSchema, tree: DocumentNode, operation: OperationDefinitionNode) -> list[Ask]:
    fragments = {node.name.value: node for node in tree.definitions if isinstance(node, FragmentDefinitionNode)}
    found: list[tuple[str, Mapping[str, ValueNode]]] = []
    walked: dict[tuple[str, str, int], bool] = {}
    kept: list[Mapping[str, ValueNode]] = []  # so long do their identities tell them apart
    steps, more = count(), False

    def walk(selection: SelectionSetNode | None, on: GraphQLNamedType | None, path: str, about: Mapping[str, ValueNode]) -> bool:
        """Whether a question was found below."""
        nonlocal more
        any_ = False
        for node in selection.selections if selection else ():
            if len(found) >= MOST_ASKED or next(steps) >= MOST_STEPS:
                more = True
                return True
            if isinstance(node, FragmentSpreadNode):
                any_ |= fragment(node.name.value, path, about)
            elif isinstance(node, InlineFragmentNode):
                any_ |= walk(node.selection_set, schema.get_type(node.type_condition.name.value) if node.type_condition else on, path, about)
            elif isinstance(node, FieldNode):
                any_ |= field(node, on, path, about)
        return any_

    def fragment(name: str, path: str, about: Mapping[str, ValueNode]) -> bool:
        """The same, of a fragment: below one question it is walked once, and so not within itself."""
        key = (name, path, id(about))
        if key not in walked:
            walked[key] = False
            node = fragments.get(name)
            walked[key] = node is not None and walk(node.selection_set, schema.get_type(node.type_condition.name.value), path, about)
        return walked[key]

    def field(node: FieldNode, on: GraphQLNamedType | None, path: str, about: Mapping[str, ValueNode]) -> bool:
        name = node.name.value
        known = on.fields.get(name) if isinstance(on, GraphQLObjectType) else None
        leads = get_named_type(known.type) if known else None
        if on is None or (on.name, name) not in TOLD:
            return walk(node.selection_set, leads, path, about)
        here = f"{path}.{name}" if path else name
        told = {**about, **{argument.name.value: argument.value for argument in node.arguments or ()}}
        kept.append(told)
        if not walk(node.selection_set, leads, here, told):
            found.append((here, told))
        return True

    walk(operation.selection_set, schema.get_root_type(operation.operation), "", {})
    asks = [_ask(what, told, MOST_SIGNS // len(found)) for what, told in found]
    return [*asks, Ask("", {}, (), 0)] if more else asks


def _ask(what: str, told: Mapping[str, ValueNode], room: int) -> Ask:
    hanging = {name: value for name, value in told.items() if _hangs(value)}
    short = _Short(room, {})
    fixed = {name: short(value) for name, value in told.items() if name not in hanging}
    return Ask(what, fixed, tuple(hanging.items()), short.room)


def _hangs(value: ValueNode) -> bool:
    """Whether a variable stands in a value."""
    if isinstance(value, ListValueNode):
        return any(map(_hangs, value.values))
    if isinstance(value, ObjectValueNode):
        return any(_hangs(field.value) for field in value.fields)
    return isinstance(value, VariableNode)


class _Short:
    """Values as a line takes them, within so many signs: of a document or of JSON, texts shortened, numbers that JSON may not hold as texts.

    "…" stands for what is left out. O(room), however large the values are.
    """

    def __init__(self, room: int, variables: Mapping[str, Any]) -> None:
        self.room, self._variables = room, variables

    def __call__(self, value: Any, levels: int = MOST_LEVELS) -> Any:
        if isinstance(value, VariableNode):
            value = self._variables.get(value.name.value, Undefined)
            if value is Undefined:
                return Undefined if levels == MOST_LEVELS else None
        if isinstance(value, ListValueNode | list | ObjectValueNode | dict):
            return self._held(value, levels) if levels else "…"
        if isinstance(value, IntValueNode):
            value = int(value.value) if len(value.value) <= DIGITS else value.value
        elif isinstance(value, FloatValueNode):
            value = float(value.value)
        elif isinstance(value, NullValueNode):
            value = None
        elif isinstance(value, ValueNode):
            value = cast(Any, value).value
        return self._plain(value)

    def _held(self, value: Any, levels: int) -> Any:
        if isinstance(value, ListValueNode | list):
            return [self(item, levels - 1) for item in self._fitting(value.values if isinstance(value, ListValueNode) else value)]
        pairs = ((field.name.value, field.value) for field in value.fields) if isinstance(value, ObjectValueNode) else value.items()
        return {self._plain(name): self(item, levels - 1) for name, item in self._fitting(pairs, ("…", "…"))}

    def _fitting(self, items: Iterable[Any], left_out: Any = "…") -> Iterator[Any]:
        for item in items:
            if self.room <= 0:
                yield left_out
                return
            yield item

    def _plain(self, value: Any) -> Any:
        if isinstance(value, int) and value.bit_length() > BITS:
            value = str(value) if value.bit_length() <= LONGEST else "…"
        if isinstance(value, str):
            most = max(min(LONGEST, self.room), 1)
            value = value if len(value) <= most else value[: most - 1] + "…"
        self.room -= len(value) + 1 if isinstance(value, str) else DIGITS
        return value


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
        self._turn = asyncio.Lock()

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
        """One request: what it asked, and the codes of what was refused; never what was answered. Of nobody's requests only the number is kept.

        Of somebody's each leaves a line, also where it asked nothing.
        """
        if not self.settings.audit_days:
            return
        if who is None:
            self._nobody.update(refused)
        else:
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
        """Writes what waits, and what is being written; on a disk that does not take it, it waits on. Whoever is cancelled does not cut it short."""
        await asyncio.shield(asyncio.create_task(self._flushed()))

    async def _flushed(self) -> None:
        async with self._turn:
            lines, self._waiting = self._waiting, []
            nobody, self._nobody = self._nobody, Counter()
            lines += [{"at": _now(), "refused": [code], "times": times} for code, times in nobody.items()]
            if not lines:
                return
            try:
                await asyncio.to_thread(self.trail.append, lines)
            except Exception as error:  # whatever it is, who asked is not lost
                self._waiting[:0] = lines
                log.exception("the trail cannot be written", extra={"reason": str(error)})

    async def forget(self, erased: Sequence[Callable[[str], bool]]) -> None:
        """Takes whoever was erased out of the trail, and out of what still waits to be written: the line of the erasure itself is one."""
        if erased:
            await self.flush()
            await asyncio.to_thread(self.trail.strike, lambda text: any(names(text) for names in erased))

    async def _write(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self.flush()

    async def _tidy(self, store: Store) -> None:
        """Once a day: files past their time go, and whoever was erased elsewhere goes from those that are left."""
        while True:
            try:
                await asyncio.to_thread(self.trail.prune, self.settings.audit_days)
                await self.strike_erased(store)
            except Exception:  # tomorrow again
                log.exception("the trail was not tidied")
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
