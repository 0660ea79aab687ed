"""Posts and roles with whose word they are: a person's before a CRM's before what the title makes likely."""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from datetime import datetime
from enum import StrEnum
from typing import Annotated, NamedTuple

from graph.answer import Id, Linked, answer
from graph.model import BuyingRole
from graph.question import Anchor
from graph.read import Reader, read
from graph.titles import Title, read_title
from graph.view import View
from graph.worded import Worded
from queries.employments import Employment
from queries.roles import HeldRole

FROM_TITLE = "title"
"""The source of a guess."""
MOST_SOURCES = 10_000


class WordOf(Worded):
    """Whose word it is, the one that counts most first."""

    PERSON = "PERSON", "One of us typed it in."
    CRM = "CRM", "A source that was loaded."
    TITLE = "TITLE", "Read from their title."


ORDER = tuple(WordOf)


@answer
class Reading:
    """A level or a function, and whose word that is."""

    value: Annotated[str, "As the source writes it, or a guess in capitals."]
    by: Annotated[WordOf, "PERSON said by hand; CRM by a source; TITLE a guess from the words of the title."]
    source: Annotated[str, "Who says so; `title` for a guess."]
    confidence: Annotated[float, "How sure, 0 to 1; a guess is at most 0.6."]


@answer
class Post:
    """A job, and what it says of how high and in which field somebody works."""

    key: Annotated[Id, "Stands for this stretch; never an id."]
    company: Annotated[Linked | None, Anchor.COMPANY, "The employer."]
    title: Annotated[str | None, "Title as the source writes it."]
    department: Annotated[str | None, "Department as the source writes it."]
    level: Annotated[Reading | None, "How high the post stands; null where nothing tells."]
    function: Annotated[Reading | None, "The field of work; null where nothing tells."]
    acting: Annotated[bool, "The title says that it is held for a while."]
    source: Annotated[str, "Who says so."]
    confidence: Annotated[float, "How sure the source is, 0 to 1."]
    valid_from: Annotated[datetime | None, "Since when; null when open."]


@answer
class RoleWord:
    """Another word on the same role, which does not count."""

    by: Annotated[WordOf, "Whose word it is."]
    source: Annotated[str, "Who says so."]
    confidence: Annotated[float, "How sure they are that the role is held; 0 denies it."]


@answer
class KnownRole:
    """A role in a decision, with the word that counts."""

    company: Annotated[Linked | None, Anchor.COMPANY, "The account."]
    group_id: Annotated[Id, "The buying group; the default one bears the company's id."]
    role: Annotated[BuyingRole, "The role."]
    confidence: Annotated[
        float, "How sure it is that it is held; 0 where it is denied; a guess from a title is at most 0.6 and counts in no coverage."
    ]
    by: Annotated[WordOf, "Whose word counts: a person's before a CRM's before a guess."]
    source: Annotated[str, "Who says so; `title` for a guess."]
    valid_from: Annotated[datetime | None, "Since when; null when open or guessed."]
    rivals: Annotated[list[RoleWord], "Other words on it, which do not count."]


class Roles(NamedTuple):
    """What is known of somebody's roles: those held or likely, and those denied."""

    held: list[KnownRole]
    denied: list[KnownRole]


@answer
class HandSource:
    """Somebody who said anything by hand."""

    source: str


@read
async def hand_sources(most: int) -> list[HandSource]:
    """Who said anything by hand."""
    raise NotImplementedError


async def said_by_hand(store: Reader, view: View) -> frozenset[str]:
    """The sources that are people who spoke by a mutation."""
    return frozenset(row.source for row in await hand_sources(store, view, MOST_SOURCES))


def word_of(source: str, by_hand: Set[str]) -> WordOf:
    """Whose word a source's is."""
    return WordOf.PERSON if source in by_hand else WordOf.CRM


def post_of(job: Employment, by_hand: Set[str]) -> Post:
    """A job with its level and function: what the source says of them, else what the title does."""
    said = read_title(job.title, job.department)
    word = word_of(job.source, by_hand)

    def reading(stated: str | None, guess: StrEnum | None, sure: float) -> Reading | None:
        if stated:
            return Reading(stated, word, job.source, job.confidence)
        return Reading(guess.value, WordOf.TITLE, FROM_TITLE, sure) if guess else None

    return Post(
        job.key,
        job.company,
        job.title,
        job.department,
        reading(job.level, said.level, said.level_sure),
        reading(job.function, said.function, said.function_sure),
        said.acting,
        job.source,
        job.confidence,
        job.valid_from,
    )


def roles_of(held: Iterable[HeldRole], jobs: Sequence[Employment], by_hand: Set[str]) -> Roles:
    """Of each role the word that counts, and of roles that nobody spoke of what the titles make likely. What anybody denied is not guessed."""
    words: dict[tuple[str, str, BuyingRole], list[HeldRole]] = defaultdict(list)
    for one in held:
        words[one.company.id if one.company else "", one.group_id, one.role].append(one)
    known: list[KnownRole] = []
    denied: list[KnownRole] = []
    for said in words.values():
        ranked = sorted(said, key=lambda one: _rank(one, by_hand))
        best = ranked[0]
        rivals = [RoleWord(word_of(one.source, by_hand), one.source, one.role_confidence) for one in ranked[1:]]
        word = word_of(best.source, by_hand)
        made = KnownRole(best.company, best.group_id, best.role, best.role_confidence, word, best.source, best.valid_from, rivals)
        (known if best.role_confidence > 0 else denied).append(made)
    spoken = {(company, role) for company, _, role in words}
    known += [
        KnownRole(company, company.id, role, sure, WordOf.TITLE, FROM_TITLE, None, [])
        for (_, role), (company, sure) in _likely(jobs).items()
        if (company.id, role) not in spoken
    ]
    known.sort(key=lambda one: (one.company.id if one.company else "", ORDER.index(one.by), -one.confidence, one.role, one.group_id))
    denied.sort(key=lambda one: (one.company.id if one.company else "", one.role, one.group_id))
    return Roles(known, denied)


def _rank(one: HeldRole, by_hand: Set[str]) -> tuple[int, float, float, str]:
    """A person's word first, then the surest source, then the latest."""
    since = one.valid_from.timestamp() if one.valid_from else float("-inf")
    return ORDER.index(word_of(one.source, by_hand)), -one.confidence, -since, one.key


def _likely(jobs: Sequence[Employment]) -> dict[tuple[str, BuyingRole], tuple[Linked, float]]:
    """Company and role -> what the titles of jobs there make likely, the surest of several."""
    found: dict[tuple[str, BuyingRole], tuple[Linked, float]] = {}
    for job in jobs:
        title: Title = read_title(job.title, job.department)
        if job.company is None:
            continue
        for guess in title.roles:
            key = (job.company.id, guess.role)
            found[key] = job.company, max(guess.sure, found[key][1] if key in found else 0.0)
    return found
