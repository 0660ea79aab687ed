"""Chain changes as a story: a heading a day, a sentence a change."""

from itertools import groupby

from api.render.svg import STANCE
from graph.model import Line
from queries.chain_changes import ChainChange, ChangeKind

SENTENCE = {
    ChangeKind.JOINED: "{who} joined as {after}",
    ChangeKind.LEFT: "{who} left, having been {before}",
    ChangeKind.MANAGER_CHANGED: "{who} now reports to {after}, no longer to {before}",
    ChangeKind.LINE_ADDED: "{who} began to report{dotted} to {after}",
    ChangeKind.LINE_REMOVED: "{who} no longer reports{dotted} to {before}",
    ChangeKind.TITLE_CHANGED: "{who} became {after}, having been {before}",
    ChangeKind.ROLE_ADDED: "{who} took the role of {after}",
    ChangeKind.ROLE_REMOVED: "{who} gave up the role of {before}",
    ChangeKind.STANCE_CHANGED: "{who} turned from {before} to {after}",
}
FIRST = {ChangeKind.STANCE_CHANGED: "{who} is first known to be {after}"}
"""Sentences where nothing was known before."""
UNSAID = {ChangeKind.JOINED: "{who} joined", ChangeKind.LEFT: "{who} left"}
"""Sentences where no title is known."""


def story(changes: list[ChainChange]) -> str:
    """A heading a day, a sentence a change with its source."""
    lines: list[str] = []
    for day, some in groupby(changes, key=lambda change: change.at.date()):
        lines.append(f"{day:%Y-%m-%d}")
        lines += [f"  {_sentence(change)}  [{change.source}]" for change in some]
    return "\n".join(lines) or "Nothing changed."


def _sentence(change: ChainChange) -> str:
    before, after = _word(change, change.before, change.before_name), _word(change, change.after, change.after_name)
    sentence = SENTENCE[change.kind]
    if before is None:
        sentence = FIRST.get(change.kind, sentence)
    if before is None and after is None:
        sentence = UNSAID.get(change.kind, sentence)
    dotted = " by a dotted line" if change.line is Line.DOTTED else ""
    return sentence.format(who=change.person_name, before=before or "unknown", after=after or "unknown", dotted=dotted)


def _word(change: ChainChange, value: str | None, name: str | None) -> str | None:
    """A manager by name, a stance by its word, a role in small letters, a title as it is."""
    if value is None or name is not None:
        return name
    if change.kind is ChangeKind.STANCE_CHANGED:
        return STANCE[int(value)]
    return value.replace("_", " ").lower() if change.kind in (ChangeKind.ROLE_ADDED, ChangeKind.ROLE_REMOVED) else value


FORMATS = {"table": story}
