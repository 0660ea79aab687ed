"""Which template a buying group follows: its own, else that of the first segment of its account that has one, else the default one."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from graph.answer import Id, answer
from graph.read import Reader, read
from graph.store import Store
from graph.template import DEFAULT, Template, templates_in
from graph.view import View
from queries.anchors.accounts import those_within

MOST = 1_000_000
INSTANTS = 100
"""Of so many instants what was said is kept."""


@answer
class TemplateRows:
    """One row: the roles of all templates, and the segments that have one."""

    roles: list[tuple[Any, ...]]
    segments: list[tuple[Id, str, Id]]


@read
async def template_rows(most: int) -> list[TemplateRows]:
    """All templates."""
    raise NotImplementedError


class Templates:
    """The templates of some accounts' groups."""

    def __init__(self, known: Mapping[str, Template], by_segment: Mapping[str, str]) -> None:
        self._known, self._by_segment = known, by_segment

    def of(self, account: str, template_id: str | None) -> Template:
        """The template of a group of ``account`` that names ``template_id``."""
        named = (template_id, self._by_segment.get(account))
        return next((self._known[name] for name in named if name is not None and name in self._known), DEFAULT)


class Declared:
    """What is said of templates at the instants that were asked for last, read once a state of the graph: it is small, and each map wants it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._head: tuple[int, int] | None = None
        self._known: dict[int, tuple[Mapping[str, Template], list[tuple[str, str]]]] = {}

    async def close(self) -> None:
        """Nothing is under way."""

    async def at(self, view: View) -> tuple[Mapping[str, Template], list[tuple[str, str]]]:
        """Template id -> template, and the segments' filters as written, each with its template, in the order in which they count."""
        revision = await self._store.revision()
        head = (revision.number, revision.known_at)
        if head != self._head:
            self._head, self._known = head, {}
        known = self._known
        if view.known_at not in known:
            rows = (await template_rows(self._store, view, MOST))[0]
            if len(known) >= INSTANTS:
                known.pop(next(iter(known)), None)
            known[view.known_at] = templates_in(rows.roles), [(text, template) for _, text, template in rows.segments]
        return known[view.known_at]


async def templates_of(store: Reader, view: View, accounts: Sequence[str]) -> Templates:
    """The templates of these accounts' groups."""
    known, segments = await cast(Store, store).companion(Declared).at(view)
    within = await those_within(store, view, [text for text, _ in segments], accounts)
    by_segment: dict[str, str] = {}
    for found, (_, template) in zip(within, segments, strict=True):
        for account in found:
            by_segment.setdefault(account, template)
    return Templates(known, by_segment)
