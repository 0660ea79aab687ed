"""Who decides at an account, for one of its buying groups, with the roles that it inherits: what every question of a group begins with."""

from asyncio import Future, gather
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Annotated, Any, TypeVar

from graph.answer import Id, answer
from graph.aside import aside
from graph.consent import BARRING_WORDS
from graph.errors import DottedlineError, NotFound
from graph.instants import OPEN_START
from graph.measures.strength import DAY
from graph.model import Authority, BuyingRole, ValueField
from graph.read import Reader, read
from graph.sight import named_in, sight
from graph.stretch import MOST_ROWS
from graph.template import MAPPED_FROM, wanted
from graph.view import View
from queries.anchors.templates import Templates, templates_of

R = TypeVar("R", bound=tuple[Any, ...])
NEW_DAYS = 90
"""So long is somebody new at an account."""


@answer
class BuyingGroup:
    """The people who decide at one account about one product."""

    id: Annotated[Id, "Its id; the default group bears the company's."]
    name: Annotated[str, "Its name; the default group bears the company's."]
    is_default: Annotated[bool, "The group of the account as a whole."]
    product_id: Annotated[Id | None, "The product decided about."]


@answer
class ChainRole:
    """A role that a person holds in the decision."""

    role: Annotated[BuyingRole, "The role."]
    confidence: Annotated[float, "How sure we are that they hold it, 0 to 1."]
    authority: Annotated[Authority, "What they may do to the decision."]
    step: Annotated[int | None, "Place in the order of approval."]
    inherited: Annotated[bool, "Held in the account's default group, since this group has nobody for the role."]


RoleFact = tuple[Id, Id, str, str, float, str | None, int | None, Id, int, str, bool]
"""Group, person, name, role, confidence, authority, step, key, start, origin, opted out."""


@answer
class ChainRows:
    """What decision_chain_rows.cypher returns: packed lists of plain values, one row an account."""

    account: Id
    name: str
    jobs: list[tuple[Id, str, str | None, str | None, str | None, float, int, str, bool, bool]]
    lines: list[tuple[Id, Id, str, str, float, int, str]]
    sways: list[tuple[Id, Id, str, str, float, int, str, float]]
    lines_of_listed: list[tuple[Id, Id, str, str, float, int, str]]
    sways_of_listed: list[tuple[Id, Id, str, str, float, int, str, float]]
    values: list[tuple[Id, str, float, int, str, float]]
    values_of_listed: list[tuple[Id, str, float, int, str, float]]
    groups: list[tuple[Id, str | None, str | None, str | None]]
    roles: list[RoleFact]
    members: list[tuple[Id, Id, str, int | None, str | None, float, int, str, bool]]


PEOPLE_IN = {
    **dict.fromkeys(("lines", "sways", "lines_of_listed", "sways_of_listed"), (0, 1)),
    **dict.fromkeys(("jobs", "values", "values_of_listed"), (0,)),
    **dict.fromkeys(("roles", "members"), (1,)),
}


@read
async def decision_chain_rows(accounts: Sequence[str], since: int, barring: Sequence[str], most: int) -> list[ChainRows]:
    """The rows of these accounts' maps."""
    raise NotImplementedError


class Committee:
    """One account's rows, seen for one of its buying groups.

    ``jobs`` and ``members`` hold a row a person, ``roles`` what each holds in the group, ``facts`` the row behind each held role, ``names`` everybody
    who works there or is listed in the group, ``barred`` who may not be contacted, ``restricted`` what those hold who may not be seen. Raises
    NotFound for a group that the account does not have.
    """

    def __init__(self, rows: ChainRows, view: View, group: Id | None, templates: Templates, hidden: Sequence[RoleFact] = ()) -> None:
        self.rows, self.view, self.account = rows, view, rows.account
        self.group = _group(rows, group)
        self.template = templates.of(rows.account, next((row[3] for row in rows.groups if row[0] == self.group.id), None))
        self.jobs = _last(rows.jobs, 0, lambda job: (job[5], job[6], job[2] or "", str(job)))
        own = {row[3] for row in rows.roles if row[0] == self.group.id and row[4] >= MAPPED_FROM}
        self.roles, self.facts = self._roles(rows.roles, own)
        self.restricted = sorted((roles for roles in self._roles(hidden, own)[0].values()), key=str)
        self.mapped = {role.role for roles in self.roles.values() for role in roles if role.confidence >= MAPPED_FROM}
        members = [row for row in rows.members if row[0] == self.group.id]
        self.members = _last(members, 1, lambda row: (row[5], row[6], _stance(row), str(row)))
        listed: list[tuple[Any, ...]] = [*rows.roles, *rows.members]
        outside: dict[str, str] = {row[1]: row[2] for row in listed if row[1] in self.roles or row[1] in self.members}
        self.names: dict[str, str] = outside | {job[0]: job[1] for job in rows.jobs}
        self._consents = [row for row in (*rows.values, *rows.values_of_listed) if row[1] == ValueField.CONSENT_UNTIL]
        consents = _last(self._consents, 0, lambda row: (row[2], row[3], -row[-1]))
        self.barred: set[str] = {row[1] for row in listed if row[-1]} | {job[0] for job in rows.jobs if job[-1]}
        self.barred |= {person for person, row in consents.items() if row[-1] <= view.as_of}

    def _roles(self, rows: Sequence[RoleFact], own: Set[str]) -> tuple[dict[str, list[ChainRole]], dict[tuple[str, BuyingRole], RoleFact]]:
        """Roles by person, the group's ``own``, and the default group's for what it lacks; and the row behind each."""
        best: dict[tuple[str, str], ChainRole] = {}
        facts: dict[tuple[str, BuyingRole], RoleFact] = {}
        for row in sorted(rows, key=lambda row: (row[0], row[1], row[3], str(row))):
            group, person, _, role, sure, authority, step = row[:7]
            inherited = group != self.group.id
            if inherited and (group != self.rows.account or role in own):
                continue
            usual = wanted(self.template, BuyingRole(role))
            power = Authority(authority) if authority else usual.authority
            place = step if step is not None else usual.step
            made = ChainRole(BuyingRole(role), sure, power, place, inherited)
            if (person, role) not in best or best[person, role].confidence < sure:
                best[person, role] = made
                facts[person, made.role] = row
        held: dict[str, list[ChainRole]] = defaultdict(list)
        for (who, _), found in best.items():
            held[who].append(found)
        for roles in held.values():
            roles.sort(key=lambda made: (-self.weight(made.role), made.role.value))
        return dict(held), facts

    @property
    def key(self) -> str:
        """Stands for the group at its view."""
        return f"{self.group.id}@{self.view.as_of}/{self.view.known_at}"

    def weight(self, role: BuyingRole) -> float:
        """What the group's template gives a role."""
        return wanted(self.template, role).weight

    def unmapped(self) -> list[BuyingRole]:
        """Roles of the template that nobody is known to hold."""
        return [role for role in self.template if role not in self.mapped]

    def contactable(self, person: str) -> bool:
        """They did not opt out, no legal basis that is written bars it, and their consent, if it ends, still holds."""
        return person not in self.barred

    def grounds(self) -> Iterator[tuple[int, str]]:
        """Start and origin of the facts on which the group rests: jobs, roles, memberships, consents."""
        for *_, start, origin, _, _ in self.rows.jobs:
            yield start, origin
        for row in self.rows.roles:
            if row[0] in (self.group.id, self.account):
                yield row[8], row[9]
        for *_, start, origin, _ in self.members.values():
            yield start, origin
        for *_, start, origin, _ in self._consents:
            yield start, origin

    def left(self, person: str) -> bool:
        """Listed in the group, without a job at the account."""
        return person not in self.jobs


async def committees_of(
    store: Reader, view: View, accounts: Sequence[str], wanted: Mapping[str, tuple[str, Id | None]]
) -> Mapping[str, Committee | DottedlineError]:
    """Name -> the committee of an account's group, None for the default one; NotFound where the account has no such group."""
    return await committees_from(committee_facts(store, view, accounts), view, wanted)


CommitteeFacts = tuple[list[tuple["ChainRows", list[RoleFact]]], Templates]
"""The rows of some accounts' maps with the roles of those who may not be seen, and the templates of their groups."""


def committee_facts(store: Reader, view: View, accounts: Sequence[str]) -> Future[CommitteeFacts]:
    """Asks for what some accounts' committees are made of."""
    return gather(chain_rows(store, view, accounts), templates_of(store, view, accounts))


async def committees_from(
    facts: Awaitable[CommitteeFacts], view: View, wanted: Mapping[str, tuple[str, Id | None]]
) -> Mapping[str, Committee | DottedlineError]:
    """The same of what was asked for already."""
    found, templates = await facts
    by_account: dict[str, tuple[ChainRows, list[RoleFact]]] = {rows.account: (rows, hidden) for rows, hidden in found}
    size = sum(len(rows.jobs) + len(rows.roles) + len(rows.members) for rows, _ in found)
    return await aside(size, _committees, by_account, view, wanted, templates)


def _committees(
    found: Mapping[str, tuple[ChainRows, list[RoleFact]]], view: View, wanted: Mapping[str, tuple[str, Id | None]], templates: Templates
) -> dict[str, Committee | DottedlineError]:
    made: dict[str, Committee | DottedlineError] = {}
    for name, (account, group) in wanted.items():
        if account in found:
            try:
                rows, hidden = found[account]
                made[name] = Committee(rows, view, group, templates, hidden)
            except NotFound as error:
                made[name] = error
    return made


async def chain_rows(store: Reader, view: View, accounts: Sequence[str]) -> list[tuple[ChainRows, list[RoleFact]]]:
    """The rows of these accounts' maps, of whoever may be seen, and the roles of those who may not; whoever had no job there 90 days ago is new."""
    since = max(view.as_of - NEW_DAYS * DAY, OPEN_START)
    found = await decision_chain_rows(store, view, accounts, since=since, barring=BARRING_WORDS, most=MOST_ROWS)
    if view.scope is None:
        return [(rows, []) for rows in found]
    seeing = await sight(store, view, people=named_in(found, PEOPLE_IN), products={group[2] for rows in found for group in rows.groups})
    made = []
    for rows in found:
        groups = [(id_, name, None if product in seeing.products else product, template) for id_, name, product, template in rows.groups]
        made.append((replace(seeing.through(rows, PEOPLE_IN), groups=groups), [row for row in rows.roles if row[1] in seeing.people]))
    return made


def _last(rows: Sequence[R], who: int, rank: Callable[[R], Any]) -> dict[Id, R]:
    """Person, at place ``who`` of a row -> their row; of several the one that ranks last. Nearly everybody has one."""
    found: dict[Id, R] = {row[who]: row for row in rows}
    if len(found) < len(rows):
        for row in rows:
            found[row[who]] = max(row, found[row[who]], key=rank)
    return found


def _stance(row: tuple[Any, ...]) -> int:
    """A membership's stance, the unknown one before all others: of words that are equally sure and late the friendliest counts."""
    return -3 if row[3] is None else int(row[3])


def _group(rows: ChainRows, wanted: Id | None) -> BuyingGroup:
    for id_, name, product, _ in rows.groups:
        if id_ == (wanted or rows.account):
            return BuyingGroup(id_, name or rows.name, id_ == rows.account, None if product is None else Id(product))
    if wanted is None or wanted == rows.account:
        return BuyingGroup(rows.account, rows.name, True, None)
    raise NotFound(
        f"{rows.account} has no buying group {wanted!r}. Its groups: {', '.join(sorted(row[0] for row in rows.groups)) or 'the default one'}.",
        argument="group",
    )
