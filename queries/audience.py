"""Whom to invite: the people whose meeting would gain most, each with the reason; those who must be left alone are left out."""

from datetime import datetime
from typing import Annotated

import numpy as np

from graph.answer import Id, Linked, answer
from graph.filter import AccountFilter
from graph.instants import at_moment
from graph.measures.coverage import State
from graph.model import BuyingRole, Channel
from graph.page import Page, Paging, Place, cut
from graph.question import Anchor, costing, paged
from graph.read import Reader
from graph.snapshot.met import Contacts
from graph.template import wanted
from graph.view import View
from graph.words import chinese, role_name
from queries.committee.covered import CoverageState
from queries.touching.invited import Invited, Wanted, invited, role_of

STATE_WORDS = {
    CoverageState.NEVER: ("was never contacted", "从未接触"),
    CoverageState.ONE_WAY: ("has never answered", "从未回应"),
    CoverageState.STALE: ("has gone cold", "已冷却"),
    CoverageState.SHALLOW: ("is hardly known", "接触尚浅"),
    CoverageState.COVERED: ("is reached", "已覆盖"),
    CoverageState.DEEP: ("is held firmly", "深度覆盖"),
    CoverageState.OPPOSED: ("is against us", "持反对态度"),
    CoverageState.DO_NOT_CONTACT: ("must not be contacted", "不可联系"),
}

Roles = Annotated[list[BuyingRole] | None, "Holders of these roles; default: of all that the accounts' templates want."]
States = Annotated[list[CoverageState] | None, "Only who stands with us so, such as NEVER or STALE."]
Over = Annotated[Channel, "Over which channel they would be invited."]
About = Annotated[str | None, "About what: whoever was sent the same within 30 days is left out."]


@answer
class Invitee:
    """Somebody to invite."""

    key: Annotated[Id, "Stands for them at this view; never an id."]
    person: Annotated[Linked | None, Anchor.PERSON, "Who."]
    account: Annotated[Linked | None, Anchor.COMPANY, "Where they hold the role; of several the one where a meeting gains most."]
    role: Annotated[BuyingRole, "The role."]
    state: Annotated[CoverageState, "How they stand with us."]
    expected_gain: Annotated[
        float, "worth x weight x what one held meeting would add to the role x the chance that it comes about, as in `coverageGaps`."
    ]
    by: Annotated[Linked | None, Anchor.PERSON, "Who of us knows them best; null for nobody."]
    last_touch_at: Annotated[datetime | None, "When we were last in touch; null for never."]
    message_theme: Annotated[str, "What to say to a holder of the role, in the language asked for; empty where the template says nothing."]
    why: Annotated[str, "A sentence for a colleague, in the language asked for."]


@costing(50)
@paged
async def audience(
    store: Reader,
    view: View,
    page: Paging,
    *,
    filter: Annotated[AccountFilter | None, "At which accounts; default: at all."] = None,
    roles: Roles = None,
    states: States = None,
    channel: Over = Channel.MESSAGE,
    topic: About = None,
) -> Page[Invitee]:
    """Whom to invite, the largest expected gain first; opted-out and tired people are left out (`audienceLeftOut` counts them, `canTouch` says why).

    From the snapshot, and one read of what was done towards 2,000 candidates at a time; worked out once for all pages.
    """
    found = await invited(store, view, Wanted(filter, roles, states, channel, topic))
    places = ((Place(-float(found.gain[row]), id_), row) for row, id_ in zip(found.rows, found.ids, strict=True))
    shown = cut(places, page)
    return Page([(place, _told(found, row, place.id, view)) for place, row in shown.rows], shown.total)


def _told(found: Invited, row: int, id_: str, view: View) -> Invitee:
    market, language = found.market, view.language
    snapshot, group, role = market.snapshot, int(market.holders.group[row]), role_of(market, row)
    person, account = int(market.people[row]), market.ids[group]
    who, where = snapshot.people.name[person], snapshot.companies.name[int(market.places[group])]
    state = CoverageState(State(market.found.holders[row]).name)
    colleague = int(found.by[person])
    by = Linked(Id(snapshot.people.id[colleague]), snapshot.people.name[colleague]) if colleague >= 0 else None
    asked = wanted(market.templates[group], role)
    theme = asked.theme_zh if chinese(language) else asked.theme_en
    contacts = snapshot[Contacts]
    met = np.flatnonzero(contacts.person == person)
    last = at_moment(int(contacts.last_at[met[0]])) if len(met) else None
    gain = float(found.gain[row])
    if chinese(language):
        through = f"，由{by.name}邀请" if by else ""
        why = f"{where}{role_name(role, language)}{who}{STATE_WORDS[state][1]}{through}；一次会面的预期增益{gain:.3f}。"
    else:
        through = f"; {by.name} knows them best" if by else ""
        why = f"{who}, {role_name(role, language)} at {where}, {STATE_WORDS[state][0]}{through}; expected gain of a meeting {gain:.3f}."
    key = Id(f"{id_}/{account}/{role.value}@{view.as_of}/{view.known_at}")
    return Invitee(key, Linked(Id(id_), who), Linked(account, where), role, state, gain, by, last, theme, why)
