"""Which records are compared, and what merging by their links would join.

Records that share no key are never compared. An identifying key (a mailbox, a number, a profile, a domain, an identifier) that records of different
names bear is shared, and identifies nobody: a switchboard, an assistant's mailbox, a domain of a house of many firms.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from types import MappingProxyType

from loaders.identity.keys import NEAR, Known
from loaders.identity.records import REVIEW, Link, Record
from loaders.identity.rules import compare_companies, compare_people, may_be_one, unlike_companies, unlike_people

log = logging.getLogger(__name__)

BLOCK = 500
"""A key that more records share is not compared all with all: each with its WINDOW neighbours by name."""
WINDOW = 10
BEARERS = 12
"""A key borne by more differently written names than this is shared without a closer look."""
NAMESAKES = 2
"""A name at an employer that more people with mailboxes of their own bear, or more than BEARERS records, tells nothing there."""
COMPARE = {"Company": compare_companies, "Person": compare_people}
UNLIKE = {"Company": unlike_companies, "Person": unlike_people}


def links(records: Sequence[Record], others: Sequence[Record] = (), keys: Mapping[str, list[str]] = MappingProxyType({})) -> list[Link]:
    """Every pair within ``records``, and between these and ``others``, that shares a key and is at least REVIEW likely to be one; sorted.

    Symmetric and free of order: a pair's score does not depend on which comes first, nor on the order of the sequences. ``keys`` are
    those of some records by their ids, where they are known already. Costs in proportion to the records and to the pairs that share a key; a key that
    more than BLOCK records share is told in the log and compared within a window.
    """
    known = {record.id: Known(record, keys.get(record.id)) for record in (*others, *records)}
    asked = {record.id for record in records}
    blocks = _blocks(known.values())
    crowded = _crowded(blocks)
    in_common: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (label, key), block in sorted(blocks.items(), key=lambda item: item[0][1].startswith(NEAR)):
        if asked.isdisjoint(one.record.id for one in block):
            continue
        only_near = label == "Person" and key.startswith(NEAR)
        too_many = crowded.get(key.partition("@")[2]) if only_near else None
        for left, right in _pairs(key, [one for one in block if too_many.isdisjoint(one.keys)] if too_many else block):
            pair = left.record.id, right.record.id
            if asked.isdisjoint(pair) or (only_near and pair not in in_common and not may_be_one(left, right)):
                continue
            in_common[pair].append(key)
    shared = _Shared(blocks, {key for one in known.values() if one.record.label == "Company" for key in one.keys if key.startswith("phone:")})
    found = [
        link
        for (left, right), common in in_common.items()
        if (link := COMPARE[known[left].record.label](known[left], known[right], sorted(common), shared)) and link.score >= REVIEW
    ]
    return sorted(found)


def _blocks(known: Iterable[Known]) -> dict[tuple[str, str], list[Known]]:
    """Label and key -> its bearers, where there are several. Most keys have one bearer: no list is made for it."""
    first: dict[tuple[str, str], Known] = {}
    blocks: dict[tuple[str, str], list[Known]] = {}
    for one in known:
        for key in one.keys:
            place = one.record.label, key
            before = first.setdefault(place, one)
            if before is not one:
                blocks.setdefault(place, [before]).append(one)
    return blocks


def _crowded(blocks: dict[tuple[str, str], list[Known]]) -> dict[str, set[str]]:
    """Employer -> the keys of the names that too many bear there."""
    found: dict[str, set[str]] = defaultdict(set)
    for (label, key), block in blocks.items():
        if label == "Person" and key.startswith("name:"):
            apart: dict[str, set[frozenset[str]]] = defaultdict(set)
            for one in block:
                for domain, mailboxes in one.mailboxes.items():
                    apart[domain].add(frozenset(mailboxes))
            if len(block) > BEARERS or max(map(len, apart.values()), default=0) > NAMESAKES:
                found[key.partition("@")[2]].add(key)
    return found


def _pairs(key: str, block: list[Known]) -> Iterator[tuple[Known, Known]]:
    if len(block) <= BLOCK:
        for one, other in combinations(block, 2):
            yield (one, other) if one.record.id < other.record.id else (other, one)
        return
    log.warning("%s records share the key %s: each is compared with its %s neighbours by name only", len(block), key, WINDOW)
    ordered = sorted(block, key=lambda one: (one.record.names[:1], one.record.id))
    for place, one in enumerate(ordered):
        for other in ordered[place + 1 : place + 1 + WINDOW]:
            yield (one, other) if one.record.id < other.record.id else (other, one)


class _Shared:
    """Which identifying keys are borne by two who differ."""

    def __init__(self, blocks: dict[tuple[str, str], list[Known]], firms_numbers: set[str]) -> None:
        self._blocks = blocks
        self._firms_numbers = firms_numbers
        self._seen: dict[tuple[str, str, Callable[[Known, Known], bool]], bool] = {}

    def __call__(self, label: str, key: str, differ: Callable[[Known, Known], bool]) -> bool:
        """Whether two bearers of ``key`` differ."""
        if label == "Person" and key in self._firms_numbers:
            return True
        if (label, key, differ) not in self._seen:
            apart = list({one.spelled: one for one in self._blocks[label, key] if one.spelled}.values())
            self._seen[label, key, differ] = len(apart) > BEARERS or any(differ(one, other) for one, other in combinations(apart, 2))
        return self._seen[label, key, differ]


def contradictory(records: Sequence[Record]) -> bool:
    """Whether two of these, which links would join in a chain, have names or numbers that one company or person cannot have."""
    apart = {one.spelled: one for one in map(Known, records) if one.spelled}
    return any(UNLIKE[one.record.label](one, other) for one, other in combinations(apart.values(), 2))
