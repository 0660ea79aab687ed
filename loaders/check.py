"""From text to values: each row is usable or refused with its reason. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from graph.model import EDGE, CompanyKind
from loaders.columns import COMMON, Column, FactSaid, Kind, Refused, Row, ThingSaid
from loaders.frames import Table
from loaders.kinds import NEEDS_GROUP, group_of
from loaders.mapping import LINE


@dataclass(frozen=True, slots=True)
class Fallen:
    """What a row that could not be used held: its values, and the columns of which nothing is known."""

    kind: Kind
    values: Mapping[str, Any]
    unknown: frozenset[str] = frozenset()

    @classmethod
    def unread(cls, kind: Kind) -> "Fallen":
        """A row of which nothing is known."""
        return cls(kind, {}, frozenset(column.name for column in kind.every_column))

    def names(self) -> tuple[list[FactSaid], set[tuple[str, str]]]:
        """The facts that the row names, and of those that it leaves open the types, with the kinds under which they are filed.

        What is unknown is tried: every value of a set, and two of anything else. A fact that is the same with both is named.
        """
        unknown = [column for column in self.kind.every_column if column.name in self.unknown]
        sets = {column.name: choices for column in unknown if (choices := column.choices)}
        free = {column.name: guesses for column in unknown if column.name not in sets and (guesses := column.guesses)}
        absent: dict[str, Any] = dict.fromkeys(column.name for column in self.kind.every_column)

        def tried(which: int) -> dict[tuple[str, str, tuple[str, ...]], FactSaid]:
            made = {}
            for combination in product(*sets.values()):
                guessed = {name: guesses[which] for name, guesses in free.items()} | dict(zip(sets, combination, strict=True))
                values = {**absent, **self.values, **guessed}
                values.update(self.kind.derive(values))
                made.update({(fact.type, fact.filed, fact.apart): fact for fact in self.kind.facts(values)})
            return made

        one, other = tried(0), tried(-1)
        named = {} if "source" in self.unknown else {place: fact for place, fact in one.items() if place in other}
        return list(named.values()), {place[:2] for place in (one | other) if place not in named}

    def things(self) -> list[tuple[str, str]] | None:
        """Label and id of the things of which the row tells; None where it leaves open which."""
        if not self.unknown.isdisjoint({*self.kind.told_apart_by, "source"}):
            return None
        values = {**dict.fromkeys(column.name for column in self.kind.every_column), **self.values}
        own = [(self.kind.label, values[self.kind.identifies])] if self.kind.label and self.kind.identifies else []
        return [*own, *((thing.label, thing.id) for thing in self.kind.more(values))]


@dataclass(frozen=True, slots=True)
class Reject:
    """A fault of a row that could not be used."""

    kind: str
    file: str
    line: int
    column: str
    value: str
    reason: str
    row: Fallen


@dataclass(frozen=True, slots=True)
class Checked:
    """One usable row: its kind, where it stands, its values by column (None where the cell is empty), and the facts that it says."""

    kind: Kind
    path: Path
    line: int
    values: dict[str, Any]
    facts: list[FactSaid]

    def refused(self, column: str, reason: str, unknown: Iterable[str] = ()) -> Reject:
        """This row as a reject; ``unknown`` are columns of which one should have been filled."""
        fallen = Fallen(self.kind, self.values, frozenset(unknown))
        return Reject(self.kind.name, self.path.name, self.line, column, str(self.values.get(column) or ""), reason, fallen)


def check_table(table: Table, zone: tzinfo) -> tuple[list[Checked], list[Reject]]:
    """Parses the cells of a table, column by column and each text once; a row with a fault is refused, with all its faults."""
    kind, file = table.kind, table.path.name
    rejects = [Reject(kind.name, file, broken.line, "", "", broken.reason, Fallen.unread(kind)) for broken in table.broken]
    rows: list[Checked] = []
    columns = [column for column in kind.every_column if column.name in table.cells]
    cells = [table.cells[column.name].tolist() for column in columns]
    parsed = [_parsed(column, given, zone) for column, given in zip(columns, cells, strict=True)]
    absent: dict[str, Any] = dict.fromkeys(column.name for column in kind.every_column)
    names, faulty = [column.name for column in columns], any(known.faults for known in parsed)
    for place, (line, found) in enumerate(zip(table.cells[LINE].tolist(), zip(*(known.values for known in parsed), strict=True), strict=True)):
        if faulty:
            faults = [
                (name, given[place], known.faults[given[place]])
                for name, given, known in zip(names, cells, parsed, strict=True)
                if given[place] in known.faults
            ]
            if faults:
                fallen = Fallen(kind, dict(zip(names, found, strict=True)), frozenset(name for name, _, _ in faults))
                rejects += [Reject(kind.name, file, line, name, cell[:200], reason, fallen) for name, cell, reason in faults]
                continue
        values = {**absent, **dict(zip(names, found, strict=True))}
        values.update(kind.derive(values))
        row = Checked(kind, table.path, line, values, kind.facts(values))
        if refused := _whole_row(row):
            rejects.append(refused)
        else:
            rows.append(row)
    return rows, rejects


class _Parsed(NamedTuple):
    """One column: a value for each cell, and the texts that cannot be used, with the reason."""

    values: list[Any]
    faults: dict[str, str]


def _parsed(column: Column, cells: list[str], zone: tzinfo) -> _Parsed:
    known: dict[str, Any] = {"": None}
    faults: dict[str, str] = {"": "is required and empty"} if column.required else {}
    for cell in set(cells) - {""}:
        try:
            known[cell] = column.parse(cell, zone)
        except Refused as fault:
            known[cell], faults[cell] = None, str(fault)
    return _Parsed([known[cell] for cell in cells], faults)


def _whole_row(row: Checked) -> Reject | None:
    values = row.values
    if None not in (values["valid_from"], values["valid_to"]) and values["valid_to"] <= values["valid_from"]:
        return row.refused("valid_to", "is not after valid_from")
    for first, last in row.kind.spans:
        if None not in (values[first], values[last]) and values[last] < values[first]:
            return row.refused(last, f"is before {first}")
    needed = row.kind.needs_one
    if needed and not any(values[name] for name in needed):
        return row.refused(needed[0], f"is empty, and so is {' and '.join(needed[1:])}: name one of them", needed)
    for fact in row.facts:
        if fact.from_id == fact.to_id and EDGE[fact.type].source == EDGE[fact.type].target:
            column = next(column.name for column in reversed(row.kind.columns) if column.ref and values[column.name] == fact.to_id)
            return row.refused(column, "names the row's own person or company")
    return None


def refuse_repeated(rows: Iterable[Checked]) -> tuple[list[Checked], list[Reject]]:
    """An id that is repeated in one file with other values: the second row is refused. The same values twice are one.

    Rows with other dates, known from another day on, or of another source, are other stretches or another word: they stand, as far as their facts
    do not overlap.
    """
    seen: dict[tuple[Any, ...], dict[str, Any]] = {}
    kept: list[Checked] = []
    rejects: list[Reject] = []
    for row in rows:
        columns = row.kind.told_apart_by
        if not columns:
            kept.append(row)
            continue
        place = (row.kind.name, row.path, *(row.values[name] for name in (*columns, *(column.name for column in COMMON))))
        if place not in seen:
            seen[place] = row.values
            kept.append(row)
        elif seen[place] != row.values:
            rejects.append(row.refused(columns[0], "stands in this file before, with other values"))
    return kept, rejects


def beside(row: Checked, values: Row) -> list[ThingSaid]:
    """The things of which a row speaks beside its own, by its resolved values; the fields on which its dated values hang are among them."""
    return [*row.kind.more(values), *(ThingSaid("Field", fact.to_id, {}) for fact in row.facts if EDGE[fact.type].target == "Field")]


def named_in(rows: Iterable[Checked]) -> dict[str, set[str]]:
    """Label -> the ids that rows name, their own included. Own aliases are not looked up: they may be those of others too, as names of people are."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.kind.label and row.kind.identifies:
            found[row.kind.label].add(row.values[row.kind.identifies])
        for thing in beside(row, row.values):
            found[thing.label].add(thing.id)
        for column in row.kind.referring:
            found[column.ref or ""].update(column.named(row.values))
        if row.kind.needs_one == NEEDS_GROUP:
            found["BuyingGroup"].add(group_of(row.values))
    return found


Candidates = Callable[[str, str], Sequence[str]]
"""(Label, name) -> the ids of what it may mean in the graph."""


class Bearers:
    """What names mean beside the graph: the things of which rows tell, by their ids and aliases. An alias never shadows an id."""

    def __init__(self, rows: Iterable[Checked], candidates: Candidates) -> None:
        self._candidates = candidates
        self._ids: set[tuple[str, str]] = set()
        self._aliases: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._anonymous: set[tuple[str, str]] = set()
        for row in rows:
            kind = row.kind
            self._anonymous.update((column.ref or "", name) for column in kind.referring if column.anonymous for name in column.named(row.values))
            if kind.label and kind.identifies:
                id_ = row.values[kind.identifies]
                self._ids.add((kind.label, id_))
                for name in kind.aliases(row.values):
                    self._aliases[kind.label, name].add(id_)
            self._ids.update((thing.label, thing.id) for thing in beside(row, row.values))

    def of(self, label: str, name: str) -> list[str]:
        """The ids of what a name may mean, in the files or in the graph, in order; more than one when it is an alias of several."""
        if (label, name) in self._ids:
            return [name]
        found = self._candidates(label, name)
        if (label, name) not in self._aliases or list(found) == [name]:
            return list(found) or ([name] if (label, name) in self._anonymous else [])
        return sorted({*found, *(self._id(label, id_) for id_ in self._aliases[label, name])})

    def _id(self, label: str, own: str) -> str:
        found = self._candidates(label, own)
        return found[0] if len(found) == 1 else own


def refuse_lost(rows: Sequence[Checked], candidates: Candidates) -> tuple[list[Checked], list[Reject]]:
    """Refuses rows whose references name nothing, or several things.

    Somebody whom an interaction of these files brings in, known by an identifier alone, may be named by every other row too.

    A refused row may be the one that another row names, so this goes on until no more rows fall.
    """
    kept, rejects = list(rows), []
    while True:
        bearers, still = Bearers(kept, candidates), list[Checked]()
        for row in kept:
            lost = next(
                (
                    (column, name, found)
                    for column in row.kind.referring
                    for name in column.named(row.values)
                    if len(found := bearers.of(column.ref or "", name)) != 1 and (found or not column.anonymous)
                ),
                None,
            )
            if lost is None:
                still.append(row)
                continue
            column, name, found = lost
            several = f"alias of several: {', '.join(found)}; use one of these ids"
            nothing = f"names a {column.ref} {name!r} that is neither in these files nor in the graph"
            rejects.append(row.refused(column.name, f"names {name!r}, an {several}" if found else nothing))
        if len(still) == len(kept):
            break
        kept = still
    return kept, rejects


SCOPES = ("BuyingGroup", "Opportunity")


def in_two_scopes(row: Checked) -> bool:
    """Whether a role or membership says in more than one way where it is."""
    return row.kind.needs_one == NEEDS_GROUP and sum(bool(row.values[name]) for name in NEEDS_GROUP) > 1


def refuse_contradicting(
    rows: Sequence[Checked], candidates: Candidates, stands: Mapping[tuple[str, str], Mapping[str, Any]]
) -> tuple[list[Checked], list[Reject]]:
    """Refuses rows that name a group, an opportunity, a company that do not belong together; ``stands``: (label, id) -> what the graph has of it."""
    bearers = Bearers(rows, candidates)
    known: dict[tuple[str, str], dict[str, Any]] = {place: dict(props) for place, props in stands.items()}
    for row in rows:
        kind, values = row.kind, row.values
        told = [(kind.label, values[kind.identifies], values)] if kind.label in SCOPES and kind.identifies else []
        for label, id_, said in [*told, *((thing.label, thing.id, thing.values) for thing in beside(row, values) if thing.label in SCOPES)]:
            known.setdefault((label, id_), {}).update({name: value for name, value in said.items() if value is not None})

    def its(label: str, name: str, column: str, of: str) -> list[str]:
        value = known.get((label, bearers.of(label, name)[0]), {}).get(column)
        return (bearers.of(of, value) or [value]) if value else []

    def contradicts(row: Checked) -> Reject | None:
        group, deal, company = (row.values[name] for name in NEEDS_GROUP)
        for label, name, column in (("BuyingGroup", group, "group_id"), ("Opportunity", deal, "opportunity_id")):
            owner = its(label, name, "company_id", "Company") if name and company else []
            if owner and owner != bearers.of("Company", company):
                return row.refused("company_id", f"is not the company of {column} {name!r}: that is {owner[0]!r}")
        if group and deal:
            held = its("Opportunity", deal, "group_id", "BuyingGroup") or bearers.of("Opportunity", deal)
            if held != bearers.of("BuyingGroup", group):
                return row.refused("group_id", f"is not the group of opportunity_id {deal!r}: that is {held[0]!r}")
        return None

    rejects = [reject for row in rows if in_two_scopes(row) and (reject := contradicts(row))]
    fallen = {id(reject.row.values) for reject in rejects}
    return [row for row in rows if id(row.values) not in fallen], rejects


def default_group(row: Checked, known: Callable[[str], bool]) -> str | None:
    """The company whose default group a row needs: a new account, or a company that a role or membership names."""
    values = row.values
    if row.kind.name == "companies":
        kinds = values["kinds"] or ([] if known(values["company_id"]) else [CompanyKind.ACCOUNT])
        return values["company_id"] if CompanyKind.ACCOUNT in kinds else None
    if row.kind.needs_one == NEEDS_GROUP and group_of(values) == values["company_id"]:
        return str(values["company_id"])
    return None
