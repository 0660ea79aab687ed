"""How wide a text is and where its lines break, for drawings that cannot ask a browser. Pure."""

from unicodedata import east_asian_width

WIDTHS = {0.23: "ijl'|", 0.29: "ft.,:;/\\!()[] I", 0.35: 'r-`"', 0.5: "Jcksvxyz", 0.56: "0123456789", 0.68: "ABCDEFGHKLNOPQRSTUVXYZ&", 0.86: "mMwW%@"}
"""Share of the type size -> the letters of about that width in Helvetica and its kin."""
WIDTH = {letter: share for share, letters in WIDTHS.items() for letter in letters}
OTHER = 0.58
BOLD = 1.07


def wide(text: str, size: float, *, bold: bool = False) -> float:
    """Width of a text in pixels, rather too wide than too narrow: a Chinese character is as wide as it is high."""
    return size * sum(1.0 if east_asian_width(letter) in "WF" else WIDTH.get(letter, OTHER) for letter in text) * (BOLD if bold else 1.0)


def wrapped(text: str, size: float, room: float, most: int, *, bold: bool = False) -> list[str]:
    """The text in at most so many lines of that room, broken at spaces and between Chinese characters; what does not fit ends in an ellipsis."""
    lines, line = [], ""
    for word in _words(text):
        if not line or wide((line + word).rstrip(), size, bold=bold) <= room:
            line += word
        else:
            lines.append(line.rstrip())
            line = word.lstrip()
    lines = [*lines, line.rstrip()] if line.strip() else lines
    kept = lines[:most]
    return [_cut(line, size, room, bold, goes_on=number == most - 1 and len(lines) > most) for number, line in enumerate(kept)]


def _words(text: str) -> list[str]:
    """Pieces that stay whole: a Latin word with the space after it, a single Chinese character."""
    pieces: list[str] = []
    for letter in " ".join(text.split()):
        before = pieces[-1][-1] if pieces else " "
        if before == " " or "W" in (east_asian_width(letter), east_asian_width(before)):
            pieces.append(letter)
        else:
            pieces[-1] += letter
    return pieces


def _cut(line: str, size: float, room: float, bold: bool, *, goes_on: bool) -> str:
    if not goes_on and wide(line, size, bold=bold) <= room:
        return line
    while line and wide(line + "…", size, bold=bold) > room:
        line = line[:-1]
    return line.rstrip() + "…"
