"""Who decides at many accounts, from the snapshot: holders of the roles of each account's default group, with their weight in the decision."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from graph.answer import Id
from graph.aside import aside
from graph.measures.coverage import WORTH_OF_TIER
from graph.measures.strength import Floats, Ints, Truths, changes
from graph.model import BuyingRole
from graph.read import Reader
from graph.snapshot.parts import ROLE, Roles
from graph.template import MAPPED_FROM, wanted
from queries.anchors.templates import Templates, templates_of
from queries.reaching.carrying import Carrying

ROLES = tuple(BuyingRole(word) for word in ROLE.words)


class Deciders(NamedTuple):
    """A row an account, role and holder: places of the account among those asked for, of the role in ``ROLES``, and of the person.

    ``sure`` is how sure it is that they hold the role, ``share`` the role's part of the decision, ``worth`` the account's.
    """

    account: Ints
    role: Ints
    person: Ints
    sure: Floats
    share: Floats
    worth: Floats

    def where(self, rows: Truths) -> "Deciders":
        """Only these rows."""
        return Deciders(self.account[rows], self.role[rows], self.person[rows], self.sure[rows], self.share[rows], self.worth[rows])

    @property
    def weight(self) -> Floats:
        """What reaching this holder is worth: the account's worth, times the role's share, split among its holders by how sure they are."""
        cell = self.account * len(ROLES) + self.role
        held = np.bincount(cell, self.sure) if len(cell) else np.zeros(0)
        made: Floats = self.worth * self.share * self.sure / held[cell]
        return made


async def deciders(store: Reader, carrying: Carrying, accounts: Sequence[Id]) -> Deciders:
    """Of these accounts, whoever may be seen and holds a role of weight with confidence 0.3 or more."""
    return await aside(len(accounts), _holders, carrying, accounts, await templates_of(store, carrying.view, accounts))


def _holders(carrying: Carrying, accounts: Sequence[Id], templates: Templates) -> Deciders:
    snapshot = carrying.snapshot
    groups, companies, roles = snapshot.groups, snapshot.companies, snapshot[Roles]
    asked = np.full(len(companies.known), -1)
    at_company = np.array([companies.id.find(account) for account in accounts], np.int64)
    asked[at_company] = np.arange(len(accounts))
    of_group = np.where(groups.is_default, asked[groups.company], -1)
    named = {int(of_group[at]): groups.template[int(at)] or None for at in np.flatnonzero(of_group >= 0)}
    followed = [templates.of(account, named.get(at)) for at, account in enumerate(accounts)]
    weights = {at: [wanted(template, role).weight for role in ROLES] for at, template in {id(one): one for one in followed}.items()}
    shares = np.array([weights[id(template)] for template in followed]).reshape(len(accounts), len(ROLES))
    shares /= np.maximum(shares.sum(1, keepdims=True), 1e-12)
    place = of_group[roles.group] if len(of_group) else np.zeros(0, np.int64)
    role, person = roles.role.astype(np.int64), roles.person.astype(np.int64)
    kept = (place >= 0) & (roles.sure >= MAPPED_FROM) & (shares[place, role] > 0 if len(accounts) else place >= 0)
    rows = np.flatnonzero(kept)
    rows = rows[np.lexsort((-roles.sure[rows], person[rows], role[rows], place[rows]))]
    rows = rows[changes(place[rows], role[rows], person[rows])]
    worth = np.where(np.isnan(companies.value), worth_of_tiers(companies.tier), companies.value)
    where = place[rows]
    return Deciders(where, role[rows], person[rows], roles.sure[rows], shares[where, role[rows]], worth[at_company[where]])


def worth_of_tiers(tier: Floats) -> Floats:
    """What accounts are worth by their tiers; of an unknown one as of the last."""
    made: Floats = np.select([tier == 1, tier == 2], [WORTH_OF_TIER[1], WORTH_OF_TIER[2]], WORTH_OF_TIER[3])
    return made
