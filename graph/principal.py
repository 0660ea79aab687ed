"""Who asks, and where they may do what. Pure."""

import getpass
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from graph.errors import Forbidden
from graph.instants import OPEN_END
from graph.model import GrantRole

Scope = tuple[str, ...] | None
"""Territory ids in order, those within each included; None for everywhere, none for nowhere."""
ROLES = list(GrantRole)


class Grant(NamedTuple):
    """A role, in a territory and those within it (None for everywhere), until an instant."""

    role: GrantRole
    territory: str | None
    ends_at: int = OPEN_END


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who asks or writes: their name, and where they have at least each role, in the order of ``GrantRole``.

    Whoever runs this process beside the database is ``local``: a steward of everything, who may write in another's name.
    """

    name: str
    scopes: tuple[Scope, Scope, Scope]
    local: bool = False

    def scope(self, role: GrantRole = GrantRole.VIEWER) -> Scope:
        """Where they have at least this role."""
        return self.scopes[ROLES.index(role)]

    @property
    def role(self) -> GrantRole | None:
        """The highest role that they have anywhere."""
        return next((role for role in reversed(ROLES) if self.scope(role) != ()), None)

    @property
    def territories(self) -> Scope:
        """What they see."""
        return self.scope()

    def within(self, role: GrantRole, what: str) -> Scope:
        """Where they may do what wants this role. Raises Forbidden where that is nowhere."""
        scope = self.scope(role)
        if scope == ():
            has = f"you are {self.role}" if self.role else "nothing is granted to you"
            raise Forbidden(f"{what} is for the role {role}, and {has}. Ask for a grant: dottedline grant add.", role=role.value)
        return scope

    def stewards(self, scope: Scope) -> bool:
        """Whether they are steward of all of that, and not of nothing."""
        own = self.scope(GrantRole.STEWARD)
        return own is None or (bool(own) and scope is not None and set(scope) <= set(own))


def local_steward() -> Principal:
    """Who runs this process."""
    return Principal(getpass.getuser(), (None, None, None), local=True)


def inside(parents: Mapping[str, str | None]) -> dict[str, set[str]]:
    """Territory -> itself and all within it; a territory whose parents go in a circle lies within each of them."""
    found: dict[str, set[str]] = {}
    for id_ in parents:
        around: str | None = id_
        seen: set[str] = set()
        while around and around not in seen:
            seen.add(around)
            found.setdefault(around, set()).add(id_)
            around = parents.get(around)
    return found


def of_grants(name: str, grants: Iterable[Grant], within: Mapping[str, set[str]]) -> Principal:
    """Who has these grants; ``within`` says what lies in each territory. A grant of a territory covers those within it."""
    granted = list(grants)

    def scope(role: GrantRole) -> Scope:
        counting = [grant.territory for grant in granted if ROLES.index(grant.role) >= ROLES.index(role)]
        if None in counting:
            return None
        return tuple(sorted({id_ for territory in counting if territory for id_ in (territory, *within.get(territory, ()))}))

    viewing, editing, stewarding = map(scope, ROLES)
    return Principal(name, (viewing, editing, stewarding))
