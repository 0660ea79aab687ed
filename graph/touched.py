"""What a write touches, noted on its Load: so that what was worked out of the graph before can be brought up to it and need not be made anew."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from graph import statements
from graph.model import EDGE
from graph.snapshot.parts import LABELS, TYPES

if TYPE_CHECKING:
    from graph.ledger import Ledger

MOST = 10_000
"""With more marks nothing is noted: then it is quicker to read everything."""
MOVED = "moved"
PART = "TOOK_PART"


class Marks:
    """Marks ``WHAT id``: the label of a thing that is written, the type of a fact and its start, ``moved`` and a person who is merged or split."""

    def __init__(self) -> None:
        self._marks: set[str] | None = set()

    def things(self, label: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """These things are written."""
        if label in LABELS:
            self._add(f"{label} {row['id']}" for row in rows)

    def facts(self, type_: str, ends: Iterable[tuple[str, str]]) -> None:
        """Facts from the one to the other are written."""
        if type_ in TYPES and self._marks is not None:
            for start, end in ends:
                self._add([f"{type_} {start}", *([f"Interaction {end}"] if type_ == PART else [])])

    def moved(self, people: Iterable[str]) -> None:
        """These people are merged, split, erased or moved."""
        self._add(f"{MOVED} {id_}" for id_ in people)

    def everything(self) -> None:
        """More is touched than is worth a note."""
        self._marks = None

    async def noted(self, ledger: "Ledger", interactions: Iterable[str]) -> list[tuple[str, dict[str, Any]]]:
        """What is to be written as the write finishes. What it retracted, the graph tells."""
        self._add(f"Interaction {id_}" for id_ in interactions)
        for about in sorted(ledger.load.abouts, key=str):
            if self._marks is not None and about.name in TYPES:
                given = {"origin": about.origin, "at": ledger.load.recorded_at, "most": MOST + 1}
                ids = (await ledger.store.read("touched", statements.retracted_starts(EDGE[about.name]), given))[0][0]
                self._add(f"{about.name} {id_}" for id_ in ids)
        return [] if self._marks is None else [(statements.NOTE_TOUCHED, {"id": ledger.load.id, "touched": sorted(self._marks)})]

    def _add(self, marks: Iterable[str]) -> None:
        for mark in marks:
            if self._marks is None:
                return
            self._marks.add(mark)
            if len(self._marks) > MOST:
                self._marks = None
