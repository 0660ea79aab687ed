"""Which template a buying group follows: its own, else that of the first segment of its account that has one, else the default one."""

from collections.abc import Mapping, Sequence
from typing import Any

from graph.answer import Id, answer
from graph.read import Reader, read
from graph.template import DEFAULT, Template, templates_in
from graph.view import View
from queries.anchors.accounts import those_within

MOST = 1_000_000


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


async def templates_of(store: Reader, view: View, accounts: Sequence[str]) -> Templates:
    """The templates of these accounts' groups: one read, and one more for each segment that has a template."""
    rows = (await template_rows(store, view, MOST))[0]
    by_segment: dict[str, str] = {}
    for _, text, template in rows.segments:
        for account in await those_within(store, view, text, accounts):
            by_segment.setdefault(account, template)
    return Templates(templates_in(rows.roles), by_segment)
