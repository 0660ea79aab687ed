"""Chain changes as a story: a line a change, in order of time."""

from itertools import groupby

from queries.chain_changes import ChainChange, ChangeKind

SENTENCE = {
    ChangeKind.JOINED: "{who} joined as {after}",
    ChangeKind.LEFT: "{who} left ({before})",
    ChangeKind.MANAGER_CHANGED: "{who} now reports to {after}, no longer to {before}",
    ChangeKind.LINE_ADDED: "{who} began to report to {after}",
    ChangeKind.LINE_REMOVED: "{who} no longer reports to {before}",
    ChangeKind.TITLE_CHANGED: "{who} became {after} (was {before})",
    ChangeKind.ROLE_ADDED: "{who} took the role {after}",
    ChangeKind.ROLE_REMOVED: "{who} gave up the role {before}",
    ChangeKind.STANCE_CHANGED: "{who} changed stance from {before} to {after}",
}


def story(changes: list[ChainChange]) -> str:
    """A heading a day, a sentence a change with its source."""
    lines: list[str] = []
    for day, some in groupby(changes, key=lambda change: change.at.date()):
        lines.append(f"{day:%Y-%m-%d}")
        for change in some:
            words = {"who": change.person_id, "before": change.before or "unknown", "after": change.after or "unknown"}
            lines.append(f"  {SENTENCE[change.kind].format(**words)}  [{change.source}]")
    return "\n".join(lines) or "Nothing changed."


FORMATS = {"table": story}
