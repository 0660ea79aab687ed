"""Chain changes as a story: a heading a day, a sentence a change."""

from itertools import groupby

from queries.chain_changes import ChainChange


def story(changes: list[ChainChange]) -> str:
    """A heading a day, a sentence a change with its source."""
    lines: list[str] = []
    for day, some in groupby(changes, key=lambda change: change.at.date()):
        lines.append(f"{day:%Y-%m-%d}")
        lines += [f"  {change.why}  [{change.source}]" for change in some]
    return "\n".join(lines) or "Nothing changed."


FORMATS = {"table": story}
