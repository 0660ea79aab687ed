"""What a cell may hold that nobody typed on purpose: hidden signs, formulas, HTML. Taken out or told, and made harmless on the way out. Pure."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from graph.words import counted

HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]"
    "|(?<=[\x00-\u024f\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef])[\u200c\u200d]"
)
"""Control, zero-width and direction signs, and two code points that are no characters. A joiner stays where a script needs it: not after a Latin or
Chinese, Japanese or Korean sign."""
FORMULA = re.compile(r"(?:[=@\t\r]|[+-](?![\d\s().,-]*$))")
GUARDED = re.compile(r"'+(?:[=@\t\r]|[+-](?![\d\s().,-]*$))")
HTML = re.compile(r"<[A-Za-z/!][^<>]*>")
ROUNDED = re.compile(r"[1-9](?:[.,]\d+)?[eE]\+?\d{1,3}")
"""How Excel writes a long number that it has rounded: 1.38E+10."""
BEGINNINGS = ("\n'", "\n=", "\n+", "\n-")
SUSPECT = re.compile(rf"{HIDDEN.pattern}|{HTML.pattern}|^['=]|^[+-](?![\d\s().,-]*$)", re.MULTILINE)


def neutral(cell: str) -> str:
    """The cell as no spreadsheet takes it for a formula: a quote before it, which ``plain`` takes off again."""
    return f"'{cell}" if FORMULA.match(cell) or GUARDED.match(cell) else cell


def plain(cell: str) -> str:
    """The cell without the quote that keeps a spreadsheet from working it out."""
    return cell[1:] if GUARDED.match(cell) else cell


class Warned(NamedTuple):
    """A line of the report, and what a cell held that it quotes."""

    text: str
    cell: str = ""
    end: str = ""

    def said(self, *, quoting: bool = True) -> str:
        """The line, with the cell or without."""
        return f"{self.text}{f', {self.cell!r}' if quoting and self.cell else ''}{self.end}"


class Findings:
    """What was found in cells, counted: a line of the report for each file, column and finding, with the first place."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str, str, str], list[str | int]] = defaultdict(lambda: [0, 0, ""])

    def add(self, column: str, what: str, line: int, value: str = "", times: int = 1, *, many: str = "", apart: bool = False) -> None:
        """One more cell of ``column``, or so many, ``what`` of one and ``many`` of several; each value is told ``apart``, or only the first."""
        seen = self._seen[column, what, many or what, value if apart else ""]
        if not seen[0]:
            seen[1:] = [line, value]
        seen[0] = int(seen[0]) + times

    def told(self, path: str) -> list[Warned]:
        """The report's lines."""
        return [
            Warned(f"{path}: {column + ': ' if column else ''}{counted(int(times), what, many)} (first: line {line}", value[:60], ")")
            for (column, what, many, _), (times, line, value) in sorted(self._seen.items())
            if isinstance(value, str)
        ]


def _odd(joined: str) -> bool:
    """Whether cells may hold something suspect, each after a line break: most columns do not, which is seen at once."""
    return "<" in joined or any(each in joined for each in BEGINNINGS) or not joined.replace("\n", "").isprintable()


def cleaned(column: str, cells: list[str], lines: Sequence[int], findings: Findings) -> list[str]:
    """A column without hidden signs; formulas and HTML stay as text and are told."""
    joined = "\n" + "\n".join(cells)
    if not _odd(joined) or not SUSPECT.search(joined):
        return cells
    made = []
    for cell, line in zip(cells, lines, strict=True):
        clean = cell
        if SUSPECT.search(cell):
            clean = HIDDEN.sub("", cell).strip()
            if clean != cell:
                findings.add(column, "with hidden signs (control, zero width, direction), taken out", line, ascii(cell)[1:-1])
            clean = plain(clean)
            if FORMULA.match(clean) and not clean.startswith("@"):
                findings.add(column, "like a formula, kept as text and never worked out", line, clean)
            if HTML.search(clean):
                findings.add(column, "with HTML, kept as text", line, clean)
        made.append(clean)
    return made
