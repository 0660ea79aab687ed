"""One person seen from all sides: who they are, what they are to us, how we deal with each other, what interests them."""

from asyncio import gather
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Annotated

from graph.answer import Id, Linked, answer
from graph.instants import at_moment
from graph.model import InteractionType
from graph.question import Anchor, answered, question
from graph.read import Reader
from graph.score import Evidence, Score
from graph.view import View, ViewUsed
from queries.anchors.entities import told
from queries.can_touch import CanTouch, can_touch
from queries.committee.touched import touched_by
from queries.employments import employments
from queries.engagement import engagement
from queries.engaging.deeds import About, Doer, doers
from queries.engaging.tagging import Tag
from queries.influence import Sway, influence
from queries.memberships import Membership, memberships
from queries.owners import Ownership, owners
from queries.profiles.sourced import Attribute, Sources, attributes_of
from queries.profiles.words import KnownRole, Post, post_of, roles_of, said_by_hand
from queries.relationship import Relationship, relationship_of
from queries.roles import roles
from queries.tagged import tagged

LATEST = 10


@answer
class Who:
    """Who somebody is. Plain attributes are today's; `attributes` tell who says them."""

    name: Annotated[str, "Full name."]
    aliases: Annotated[list[str], "Other names."]
    language: Annotated[str | None, "Language they prefer."]
    location: Annotated[str | None, "Where they work."]
    attributes: Annotated[list[Attribute], "Plain attributes and addresses with source, date and confidence, by name; none where `sources` is false."]
    posts: Annotated[list[Post], "The jobs held at asOf, the latest first."]
    roles: Annotated[list[KnownRole], "Roles in decisions, held or likely, by account; a person's word before a CRM's before a guess from the title."]
    denied: Annotated[list[KnownRole], "Roles that the word that counts denies; they are not guessed."]


@answer
class KnownBy:
    """One of our people who knows them."""

    person: Annotated[Linked | None, Anchor.PERSON, "Who of us."]
    strength: Annotated[float, "How strong the relationship is, 0 to 1."]


@answer
class Relation:
    """What somebody is to us."""

    relationship: Annotated[Relationship, "With all of us as one party."]
    known_by: Annotated[list[KnownBy], "Who of us knows them, the strongest first."]
    memberships: Annotated[list[Membership], "Where they stand in decisions: opinions, with their authors."]
    influence: Annotated[list[Sway], "Whom they sway, and who sways them."]
    owners: Annotated[list[Ownership], "Who of us owns the accounts where they work."]
    can_touch: Annotated[CanTouch, "Whether a message may be sent to them now."]
    legal_basis: Annotated[str | None, "Why we may keep the data."]


@answer
class TypeCount:
    """How often something of one type happened."""

    type: Annotated[str, "The type of interaction."]
    count: Annotated[int, "How often; broadcasts, what did not take place, and what a rival or others held are not counted."]
    first_at: Annotated[datetime, "When first."]
    last_at: Annotated[datetime, "When last."]
    sources: Annotated[list[str], "Who tells of them, by name."]


@answer
class Interplay:
    """How we deal with each other."""

    count: Annotated[int, "How many interactions in all."]
    last_at: Annotated[datetime | None, "When the last one was; null for never."]
    types: Annotated[list[TypeCount], "By type, the most frequent first."]
    latest: Annotated[list[Evidence], "The latest ten."]
    engagement: Annotated[Score, "How much they engaged, under the standard model."]


@answer
class Profile:
    """One person from four sides."""

    key: Annotated[Id, "Stands for this answer; never an id."]
    view: Annotated[ViewUsed, "The instants and the revision it rests on."]
    who: Annotated[Who, "Who they are."]
    relation: Annotated[Relation, "What they are to us."]
    interaction: Annotated[Interplay, "How we deal with each other."]
    interests: Annotated[list[Tag], "What interests them: earned tags and hints of some, the weightiest first, then tags that were typed."]


@question(Anchor.PERSON)
async def profile(store: Reader, view: View, people: Sequence[str], *, sources: Sources = True) -> Mapping[str, Profile]:
    """One person from four sides, each fact with its source, date and confidence.

    Made of the other questions on a person, each asked once for all of them: about a dozen reads for any number of people, and one of the journal.
    """
    ids = [Id(person) for person in people]
    facts = await told(store, view, Anchor.PERSON, ids)
    told_jobs, told_roles, told_stances, told_sways, by_hand = await gather(
        employments(store, view, ids), roles(store, view, ids), memberships(store, view, ids), influence(store, view, ids), said_by_hand(store, view)
    )
    every = {kind.value for kind in InteractionType}
    touched, rules, done, scores, tags, said = await gather(
        touched_by(store, view, ids),
        can_touch(store, view, ids),
        doers(store, view, ids, every),
        engagement(store, view, ids),
        tagged(store, view, ids, hints=True),
        attributes_of(store, view, Anchor.PERSON, ids if sources else []),
    )
    jobs, held, stances, sways = answered(told_jobs), answered(told_roles), answered(told_stances), answered(told_sways)
    touching, engaged, interests = answered(rules), answered(scores), answered(tags)
    companies = sorted({job.company.id for some in jobs.values() for job in some if job.company})
    abouts = {person: _counted(doer) for person, doer in done.items()}
    owned = answered(await owners(store, view, companies))
    made: dict[str, Profile] = {}
    for person in ids:
        fact, mine, score = facts.get(person), jobs.get(person, []), engaged.get(person)
        if fact is None or score is None or person not in touched:
            continue
        known = roles_of(held.get(person, []), mine, by_hand)
        who = Who(fact.name, fact.aliases, fact.language, fact.location, said.get(person, []), [post_of(job, by_hand) for job in mine], *known)
        ties = [KnownBy(Linked(tie.id, tie.name), tie.strength) for tie in touched[person].ties.get(person, [])]
        mine_owned = [owner for job in mine if job.company for owner in owned.get(job.company.id, [])]
        bond = relationship_of(touched[person], person, None, view)
        relation = Relation(bond, ties, stances.get(person, []), sways.get(person, []), mine_owned, touching[person], fact.legal_basis)
        facts_of = (*mine, *held.get(person, []), *stances.get(person, []), *sways.get(person, []))
        assumed = (
            touching[person].view.assumed or score.view.assumed or any(one.valid_from is None and one.source in view.assuming for one in facts_of)
        )
        key, used = Id(f"{person}/profile@{view.as_of}/{view.known_at}"), view.resting(assumed)
        made[person] = Profile(key, used, who, relation, _interplay(abouts[person], score.score), interests.get(person, []))
    return made


def _counted(doer: Doer) -> list[About]:
    """What took place between them and us and was meant for them, the latest first; nothing that a rival held."""
    took = [one for one in doer.deeds.values() if one.deed.refused is None]
    return sorted(took, key=lambda one: (-one.deed.at, one.deed.id))


def _interplay(abouts: Sequence[About], engaged: Score) -> Interplay:
    by_type = groupby(sorted(abouts, key=lambda one: one.deed.type), key=lambda one: one.deed.type)
    counts = []
    for type_, each in by_type:
        some = list(each)
        at = [one.deed.at for one in some]
        counts.append(TypeCount(type_, len(at), at_moment(min(at)), at_moment(max(at)), sorted({one.source for one in some})))
    counts.sort(key=lambda one: (-one.count, one.type))
    last = at_moment(abouts[0].deed.at) if abouts else None
    return Interplay(len(abouts), last, counts, [one.evidence for one in abouts[:LATEST]], engaged)
