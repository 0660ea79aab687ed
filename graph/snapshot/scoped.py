"""What may be seen of a snapshot within a scope, as a snapshot of its own (ADR 0034): so that no measure needs to know of scopes.

Facts are cut by masks. What happened is weighed anew for whoever may be seen, since the share of each depends on who else was there.
"""

from asyncio import to_thread
from collections.abc import Mapping
from typing import Any

import numpy as np

from graph.read import Reader
from graph.sight import Sight
from graph.snapshot.arrays import Places, Texts, Truths
from graph.snapshot.build import CHUNK, arranged, column_arrays, taken, with_sides
from graph.snapshot.declare import Looking, Part, Ref
from graph.snapshot.parts import LISTS, PARTS, Jobs, Products
from graph.snapshot.snapshot import Snapshot
from graph.view import View


async def scoped(store: Reader, view: View, whole: Snapshot, asked: Snapshot | None = None) -> Snapshot:
    """The part of a snapshot that a view may see, as it was ``asked`` for: at the instants of another snapshot, where that is not the whole itself.

    O(n) in copying, and a read of what happened for each chunk of those who may be seen.
    """
    masks = await to_thread(seen_in, asked or whole, view)
    if asked is not None:
        masks = await to_thread(_carried_over, masks, asked, whole)
    tables = await to_thread(_cut, whole, masks)
    made = Snapshot(whole.stamp, tables)
    looking = with_sides(Looking(store, view, False, sight=sight_of(whole, masks)), made)
    ids: list[str] = made.people.id.list()
    places = {part.label: _places(made, part) for part in LISTS.values()}
    for part in (part for part in PARTS if part.of_events):
        pieces = []
        for at in range(0, len(ids), CHUNK):
            rows = await part.fetch(looking, [(id_, id_) for id_ in ids[at : at + CHUNK]])
            pieces += [await to_thread(column_arrays, part, row, places) for row in rows]
        tables[part.columns] = await to_thread(arranged, part, pieces)
    return Snapshot(whole.stamp, tables)


def seen_in(snapshot: Snapshot, view: View) -> dict[str, Truths]:
    """Label -> which of its things may be seen: the rule of ``graph.read.SEEN`` and ``SEEN_PERSON`` over a whole market."""
    companies, jobs, size = snapshot.companies, snapshot[Jobs], len(snapshot.people.do_not_contact)
    allowed = frozenset(view.scope or ())
    territories = companies.territory.list()
    placed = np.fromiter((id_ in allowed for id_ in territories), bool, len(territories))
    nowhere = np.fromiter((not id_ for id_ in territories), bool, len(territories))
    seen: Truths = placed | (bool(allowed) & (companies.us | (nowhere & ~companies.account)))

    def those(rows: Truths) -> Truths:
        made = np.zeros(size, bool)
        made[jobs.person[rows]] = True
        return made

    ever, now = np.ones(len(jobs.person), bool), snapshot.present
    fits = seen[jobs.company]
    people = (bool(allowed) & ~those(ever)) | those(now & fits) | (~those(now) & those(fits))

    def of(places: Places) -> Truths:
        return np.append(seen, False)[places]

    labels = {"Company": seen, "Person": people}
    return labels | {label: of(_company(part.columns, snapshot)) for label, part in LISTS.items() if label not in labels}


def _carried_over(masks: Mapping[str, Truths], asked: Snapshot, whole: Snapshot) -> dict[str, Truths]:
    """The masks of one snapshot over the things of another; what only the other knows is hidden."""
    made = {}
    for label, part in LISTS.items():
        seen = frozenset(_ids(asked, part).take(np.flatnonzero(masks[label])).list())
        ids = _ids(whole, part).list()
        made[label] = np.fromiter((id_ in seen for id_ in ids), bool, len(ids))
    return made


def _ids(snapshot: Snapshot, part: Part) -> Texts:
    table: Any = snapshot[part.columns]
    ids: Texts = table.id
    return ids


def _places(snapshot: Snapshot, part: Part) -> dict[str, int]:
    return {id_: place for place, id_ in enumerate(_ids(snapshot, part).list())}


def _company(columns: type, snapshot: Snapshot) -> Places:
    """By which company a product, a deal or a group goes."""
    table: Any = snapshot[columns]
    places: Places = table.maker if columns is Products else table.company
    return places


def sight_of(snapshot: Snapshot, masks: Mapping[str, Truths]) -> Sight:
    """What is hidden of a whole market."""
    jobs = snapshot[Jobs]
    house = np.unique(jobs.person[snapshot.companies.us[jobs.company]])

    def hidden(label: str, ids: Texts) -> frozenset[str]:
        return frozenset(ids.take(np.flatnonzero(~masks[label])).list())

    people = hidden("Person", snapshot.people.id)
    return Sight(
        people,
        frozenset(snapshot.people.id.take(house).list()),
        hidden("Company", snapshot.companies.id),
        hidden("Product", snapshot[Products].id),
    )


def _cut(whole: Snapshot, masks: Mapping[str, Truths]) -> dict[type, Any]:
    """The facts among what may be seen; their places are those of what is left."""
    now = {label: np.append(np.where(mask, np.cumsum(mask) - 1, -1), -1).astype(np.int32) for label, mask in masks.items()}
    return {part.columns: _part(whole, part, masks, now) for part in PARTS if not part.of_events}


def _part(whole: Snapshot, part: Part, masks: Mapping[str, Truths], now: Mapping[str, Places]) -> Any:
    table: Any = whole[part.columns]
    moved = {name: now[kind.label][getattr(table, name)] if isinstance(kind, Ref) else getattr(table, name) for name, kind in part.kinds.items()}
    left = part.columns(**moved)
    if part.lists:
        return taken(part, left, np.flatnonzero(masks[part.label]))
    return arranged(part, [left])
