"""Tables for people: as wide as their terminal, with whole words; where that is too narrow for a line an item, a block an item."""

import os
import re
import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table

WIDTH = 200
"""Where there is no terminal; columns of longer words may make it more."""
LONGEST = 40
"""Longer words, such as addresses, may break."""
WIDE_LETTER = re.compile("[\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uff60]")
"""Between these a line may break."""


def tabled(heads: Sequence[str], rows: Iterable[Sequence[str]], *, whole: Sequence[str] = ()) -> str:
    """A line a row under these heads, or a block a row; columns that are empty in every row are left out. Short rows end in empty cells.

    What stands under a head of ``whole`` never breaks, however long its words are.
    """
    texts = [[*row, *[""] * (len(heads) - len(row))] for row in rows]
    filled = [place for place in range(len(heads)) if not texts or any(row[place] for row in texts)]
    terminal = _columns()
    room = (terminal or WIDTH) - 3 * len(filled) - 1
    columns = [[heads[place], *(row[place] for row in texts)] for place in filled]
    least = [max(_least(text, heads[place] in whole) for text in column) for place, column in zip(filled, columns, strict=True)]
    natural = [max(cell_len(line) for text in column for line in (text.splitlines() or [""])) for column in columns]
    if terminal and sum(least) > room:
        return "\n\n".join(_block([(heads[place], row[place]) for place in filled if row[place]], terminal) for row in texts)
    made = Table(box=box.SIMPLE)
    for place, width in zip(filled, fitted(natural, least, max(room, sum(least))), strict=True):
        made.add_column(heads[place], overflow="fold", width=width)
    for row in texts:
        made.add_row(*(row[place] for place in filled))
    return _printed(made, max(terminal or WIDTH, sum(least) + 3 * len(filled) + 1))


def fitted(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Widths that fill no more than ``room``, of which no column gets less than its least: the broadest give way first. O(columns x width)."""
    most = max(natural, default=0)
    while most and sum(max(low, min(wanted, most)) for wanted, low in zip(natural, least, strict=True)) > room:
        most -= 1
    return [max(low, min(wanted, most)) for wanted, low in zip(natural, least, strict=True)]


def _columns() -> int | None:
    """How wide the terminal is that this goes to; None where it goes elsewhere."""
    return os.get_terminal_size(sys.stdout.fileno()).columns or None if sys.stdout.isatty() else None


def _least(text: str, whole: bool) -> int:
    """The width of the longest piece that must not break."""
    pieces = (cell_len(piece) for word in text.split() for piece in (WIDE_LETTER.split(word) if not whole else [word]))
    broad = 2 if WIDE_LETTER.search(text) else 0
    return max((width if whole else min(width, LONGEST) for width in pieces), default=0) or broad


def _block(cells: Sequence[tuple[str, str]], width: int) -> str:
    made = Table.grid(padding=(0, 2))
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for head, text in cells:
        made.add_row(head, text)
    return _printed(made, width)


def _printed(made: RenderableType, width: int) -> str:
    console = Console(width=width, force_terminal=False, no_color=True, highlight=False, markup=False)
    with console.capture() as captured:
        console.print(made)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()).strip("\n")
