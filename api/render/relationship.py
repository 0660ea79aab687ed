"""A relationship as its sentence, with what it rests on."""

from queries.relationship import Relationship


def table(answer: Relationship) -> str:
    """The sentence, then the events, the latest first."""
    lines = [answer.score.why, ""]
    events = sorted((one for part in answer.score.components for one in part.evidence), key=lambda one: (one.at is not None, one.at), reverse=True)
    lines += [f"  {one.at:%Y-%m-%d %H:%M}  {one.kind:<12} {one.label}  [{one.source}]" for one in events if one.at]
    return "\n".join(lines).rstrip()


FORMATS = {"table": table}
