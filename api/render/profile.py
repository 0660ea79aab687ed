"""A person from four sides: a page of text; as a sheet, a line a fact with its source, date and confidence."""

from collections.abc import Iterator
from typing import Any

from queries.profile import Profile
from queries.profiles.sourced import Attribute
from queries.profiles.words import KnownRole, Post, Reading

HEAD = ("side", "what", "value", "source", "since", "confidence")


def lines(answer: Profile) -> Iterator[tuple[Any, ...]]:
    """Each fact: side, what, value, source, since, confidence."""
    who, relation = answer.who, answer.relation
    yield from of_attributes("who", who.attributes, name=who.name, language=who.language, location=who.location)
    for post in who.posts:
        yield from of_post(post)
    yield from of_roles(who.roles, who.denied)
    bond = relation.relationship
    yield "relation", "strength", bond.score.value, bond.score.formula, bond.last_at, None
    for known in relation.known_by:
        yield "relation", "known by", known.person and known.person.name, None, None, known.strength
    for member in relation.memberships:
        yield (
            "relation",
            f"stance at {member.company.name if member.company else ''}",
            member.stance,
            member.source,
            member.valid_from,
            member.confidence,
        )
    for sway in relation.influence:
        what = f"{'sways' if sway.outgoing else 'swayed by'} ({sway.kind.value.lower()})"
        yield "relation", what, sway.other and sway.other.name, sway.source, sway.valid_from, sway.strength
    for owner in relation.owners:
        yield "relation", "account owner", owner.person and owner.person.name, owner.source, owner.valid_from, owner.confidence
    yield "relation", "can touch", relation.can_touch.why, None, relation.can_touch.allowed_from, None
    for count in answer.interaction.types:
        yield "interaction", count.type, count.count, "; ".join(count.sources), count.last_at, None
    yield "interaction", "engagement", answer.interaction.engagement.value, answer.interaction.engagement.formula, None, None
    for interest in answer.interests:
        kind = interest.kind.value.lower() if interest.kind else "tag"
        yield "interests", kind if interest.assigned else f"hint of {kind}", interest.tag, interest.source, interest.last_at, interest.confidence


def of_attributes(side: str, said: list[Attribute], **plain: Any) -> Iterator[tuple[Any, ...]]:
    """Plain attributes with whose word they are; those of which no source is told as they stand."""
    sourced = {one.attribute for one in said}
    for name, value in plain.items():
        if name not in sourced and value is not None:
            yield side, name.replace("_", " "), value, None, None, None
    for one in sorted(said, key=lambda one: one.attribute != "name"):
        yield side, one.attribute.replace("_", " "), one.value, one.source, one.as_of, one.confidence


def of_post(post: Post) -> Iterator[tuple[Any, ...]]:
    """A job, its level and its function."""
    where = f"{post.title or 'job'} at {post.company.name if post.company else ''}"
    yield "who", "post", where, post.source, post.valid_from, post.confidence
    for what, reading in (("level", post.level), ("function", post.function)):
        if reading:
            yield from _reading(what, reading, post)


def _reading(what: str, reading: Reading, post: Post) -> Iterator[tuple[Any, ...]]:
    yield "who", what, reading.value, reading.source, post.valid_from, reading.confidence


def of_roles(held: list[KnownRole], denied: list[KnownRole]) -> Iterator[tuple[Any, ...]]:
    """Roles, held or likely, and those denied."""
    for role in held:
        where = f"role at {role.company.name if role.company else ''}"
        yield "who", where, role.role.value, role.source, role.valid_from, role.confidence
    for role in denied:
        yield "who", f"no role at {role.company.name if role.company else ''}", role.role.value, role.source, role.valid_from, role.confidence


def sheet(answer: Profile) -> Iterator[list[Any]]:
    """A line a fact."""
    yield list(HEAD)
    for line in lines(answer):
        yield list(line)


def table(answer: Profile) -> str:
    """A line a fact, under its side."""
    return told(lines(answer))


def told(facts: Iterator[tuple[Any, ...]]) -> str:
    """Facts as text, under their sides."""
    text: list[str] = []
    last = None
    for side, what, value, source, since, sure in facts:
        if side != last:
            text.append(("\n" if text else "") + side.upper())
            last = side
        shown = "unknown" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)
        beside = [str(source)] if source else []
        beside += [since.date().isoformat()] if since else []
        beside += [f"{sure:.2f}"] if sure is not None else []
        text.append(f"  {what}: {shown}" + (f" ({', '.join(beside)})" if beside else ""))
    return "\n".join(text)


FORMATS = {"table": table}
