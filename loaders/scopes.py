"""Roles and memberships that say in more than one way in which group they are: a group, an opportunity, a company that must belong together. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from loaders.kinds import NEEDS_GROUP

Named = tuple[str, str]
"""A label, and a name or an id."""
LABELS = dict(zip(NEEDS_GROUP, ("BuyingGroup", "Opportunity", "Company"), strict=True))
OWNED = ("BuyingGroup", "Opportunity")
"""The labels of things that belong to a company."""


class Scope(NamedTuple):
    """Such a row: its number and line, and what it names."""

    seq: int
    line: int
    group: str | None
    opportunity: str | None
    company: str | None

    @property
    def names(self) -> list[Named]:
        """What it names."""
        return [(label, name) for label, name in zip(LABELS.values(), self[2:], strict=True) if name]


def contradictions(
    scopes: Iterable[Scope], meant: Mapping[Named, Sequence[str]], known: Mapping[Named, Mapping[str, Any]]
) -> Iterator[tuple[Scope, str, str]]:
    """The rows that contradict themselves, with a column and a reason.

    ``meant`` are the ids of what names mean, ``known`` what is said of groups and opportunities by label and id.
    """

    def its(label: str, name: str, column: str, of: str) -> list[str]:
        value = known.get((label, meant[label, name][0]), {}).get(column)
        return list(meant.get((of, value), [value])) if value else []

    for scope in scopes:
        fault = None
        _, _, group, deal, company = scope
        if group and deal:
            held = its("Opportunity", deal, "group_id", "BuyingGroup") or list(meant["Opportunity", deal])
            if held != list(meant["BuyingGroup", group]):
                fault = ("group_id", f"is not the group of opportunity_id {deal!r}: that is {held[0]!r}")
        for label, name, column in (("Opportunity", deal, "opportunity_id"), ("BuyingGroup", group, "group_id")):
            owner = its(label, name, "company_id", "Company") if name and company else []
            if owner and company and owner != list(meant["Company", company]):
                fault = ("company_id", f"is not the company of {column} {name!r}: that is {owner[0]!r}")
        if fault:
            yield (scope, *fault)
