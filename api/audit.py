"""Who asked what about whom, and for which purpose: from a request to a line of the trail, written beside the loop."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from itertools import count
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
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)
from graphql.utilities import value_from_ast_untyped
from starlette.requests import Request
from strawberry.utils.str_converters import to_camel_case

from api.schema import MUTATIONS, QUESTIONS
from graph.errors import DottedlineError, InvalidInput, StoreUnavailable
from graph.principal import Principal
from graph.question import Anchor
from graph.settings import Settings
from graph.store import Store
from graph.tombstones import tombstones
from graph.trail import Trail, texts_of
from loaders import identity
from loaders.erased import Erased
from queries.anchors.entities import entity

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
"""Items of a list that was asked for."""
DAY = 86_400.0
TOLD = {
    *((question.anchor.value if question.anchor else "Query", to_camel_case(question.field)) for question in QUESTIONS),
    *(("Mutation", to_camel_case(mutation.field)) for mutation in MUTATIONS),
    *(("Query", name) for anchor in Anchor for name in entity(anchor).roots),
}
"""Types with their fields that are questions or mutations, or lead to an anchor; all others tell what these found."""

Asked = dict[str, Any]


def asked_of(schema: GraphQLSchema, tree: DocumentNode | None, operation: str | None, variables: Mapping[str, Any] | None) -> list[Asked]:
    """What a document asks, as ``{"what": "account.decisionChain", "about": {"id": "bank"}}``: each question, with the arguments on the way to it.

    It needs no answer: what is refused is told too.
    """
    if tree is None:
        return []
    operations = [node for node in tree.definitions if isinstance(node, OperationDefinitionNode)]
    one = next((node for node in operations if operation is None or (node.name and node.name.value == operation)), None)
    if one is None:
        return []
    given = {node.variable.name.value: value_from_ast_untyped(node.default_value) for node in one.variable_definitions or () if node.default_value}
    given |= variables or {}
    fragments = {node.name.value: node.selection_set for node in tree.definitions if isinstance(node, FragmentDefinitionNode)}
    found: list[Asked] = []
    steps = count()

    def walk(selection: SelectionSetNode | None, on: GraphQLNamedType | None, path: str, about: Mapping[str, Any], within: frozenset[str]) -> bool:
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

    def field(node: FieldNode, on: GraphQLNamedType | None, path: str, about: Mapping[str, Any], within: frozenset[str]) -> bool:
        name = node.name.value
        known = on.fields.get(name) if isinstance(on, GraphQLObjectType) else None
        leads = get_named_type(known.type) if known else None
        if on is None or (on.name, name) not in TOLD:
            return walk(node.selection_set, leads, path, about, within)
        here = f"{path}.{name}" if path else name
        arguments = {argument.name.value: _short(value_from_ast_untyped(argument.value, given)) for argument in node.arguments or ()}
        told = {**about, **arguments}
        if not walk(node.selection_set, leads, here, told, within):
            found.append({"what": here, **({"about": told} if told else {})})
        return True

    walk(one.selection_set, schema.get_root_type(one.operation), "", {}, frozenset())
    return found


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"
    if isinstance(value, dict):
        return {name: _short(item) for name, item in value.items()}
    return [_short(item) for item in value[:MOST_ITEMS]] if isinstance(value, list) else value


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
        return await asyncio.to_thread(self.trail.strike, Erased(stones).bore) if stones else 0


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def mentions(line: Mapping[str, Any], names: frozenset[str]) -> bool:
    """Whether a line asked about one of these names."""
    return any(text in names for asked in line.get("asked", ()) for text in texts_of(asked.get("about")))
