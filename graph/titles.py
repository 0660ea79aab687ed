"""What a job title says: level, function, and which buying roles it makes likely. English and Chinese. A guess from words, at most 0.6. Pure.

A title may name several posts (``CTO & Co-founder``). Each has a rank and a scope. In English the rank is the last rank word before the first
preposition (``assistant to the CEO`` is an assistant); in Chinese the one that ends the post. A rank that heads a company heads only what its scope
names (``采购部总经理``). A deputy stands one step below; a manager of accounts, products or projects manages nobody. The words stand in titles.toml.
"""

import html
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from graph.model import BuyingRole

REMEMBERED = 65_536
MOST_WORDS = 8
"""So many words a rank has at most: ``chief information and community relations officer``."""
BY_DEPARTMENT = 0.4
"""How sure a function is that the department alone tells."""
BY_SCOPE = 0.6
"""How sure a function is that the title names."""
HAN = re.compile(r"[\u3400-\u9fff]")
BETWEEN = re.compile(r"\s*(?:[/;,&+|、，；·•–—]|\s-\s|\band\b)\s*")
CHIEF_OFFICER = re.compile(r"\bchief\b(?:\W+(?!of\b)\w+){1,6}?\W+officer\b")
POSSESSIVE = "'s"
TOKEN = re.compile(r"[^\W_]+(?:'s)?")


class Level(StrEnum):
    """How high a post stands, the highest first."""

    CHIEF = "CHIEF"
    """Heads the company, or one of its fields as a chief officer."""
    VICE_PRESIDENT = "VICE_PRESIDENT"
    """Next to the head of the company."""
    BOARD = "BOARD"
    """Has a seat on the board and runs nothing."""
    DIRECTOR = "DIRECTOR"
    """Answers for a field of work, or runs a part of the company."""
    HEAD = "HEAD"
    """Heads a department within such a field, or stands in for one who answers for it."""
    MANAGER = "MANAGER"
    """Leads a team."""
    SENIOR = "SENIOR"
    """Leads nobody, and is listened to for what they know."""
    STAFF = "STAFF"
    """All others."""


class Function(StrEnum):
    """The field of a post's work."""

    GENERAL_MANAGEMENT = "GENERAL_MANAGEMENT"
    FINANCE = "FINANCE"
    PROCUREMENT = "PROCUREMENT"
    INFORMATION_TECHNOLOGY = "INFORMATION_TECHNOLOGY"
    SECURITY = "SECURITY"
    ENGINEERING = "ENGINEERING"
    RESEARCH = "RESEARCH"
    PRODUCT = "PRODUCT"
    QUALITY = "QUALITY"
    OPERATIONS = "OPERATIONS"
    MAINTENANCE = "MAINTENANCE"
    SERVICE = "SERVICE"
    SALES = "SALES"
    MARKETING = "MARKETING"
    HUMAN_RESOURCES = "HUMAN_RESOURCES"
    LEGAL = "LEGAL"
    STRATEGY = "STRATEGY"
    ADMINISTRATION = "ADMINISTRATION"
    PROJECT = "PROJECT"
    HEALTH = "HEALTH"


BELOW = {
    Level.CHIEF: Level.VICE_PRESIDENT,
    Level.BOARD: Level.BOARD,
    Level.VICE_PRESIDENT: Level.DIRECTOR,
    Level.DIRECTOR: Level.HEAD,
    Level.HEAD: Level.MANAGER,
}
"""Where a deputy stands; one of a manager is a manager still."""
ORDER = {level: place for place, level in enumerate(Level)}


class Rank(NamedTuple):
    """What a rank word says."""

    level: Level
    function: Function | None
    heads: bool
    sure: float


class Post(NamedTuple):
    """One post that a title names; None is what it does not tell."""

    level: Level | None
    level_sure: float
    function: Function | None
    function_sure: float
    acting: bool = False


class RoleGuess(NamedTuple):
    """A buying role that a title makes likely, 0 to 0.6."""

    role: BuyingRole
    sure: float


@dataclass(frozen=True, slots=True)
class Title:
    """What a title and a department say; the highest post counts, and the first of equals."""

    posts: tuple[Post, ...] = ()
    level: Level | None = None
    level_sure: float = 0.0
    function: Function | None = None
    function_sure: float = 0.0
    roles: tuple[RoleGuess, ...] = ()

    @property
    def acting(self) -> bool:
        """The highest post is held for a while only."""
        return any(post.acting for post in self.posts if post.level is self.level)


class _Words(NamedTuple):
    english: Mapping[tuple[str, ...], Rank]
    chinese: Mapping[str, Rank]
    functions: Mapping[tuple[str, ...], Function]
    chinese_functions: Mapping[str, Function]
    lists: Mapping[str, tuple[str, ...]]
    roles: Sequence[tuple[BuyingRole, frozenset[Level], frozenset[Function], float]]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("titles.toml").read_text(encoding="utf-8"))


@cache
def short_forms() -> Mapping[str, str]:
    """Short forms of titles and Chinese ones -> in words."""
    return dict(_table()["short"])


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.replace("\n", " ").split(",") if word.strip())


@cache
def _words() -> _Words:
    table = _table()
    ranks = [
        (word, Rank(Level(row["level"]), Function(row["function"]) if "function" in row else None, row.get("heads", False), row["confidence"]))
        for row in table["rank"]
        for word in _listed(row["words"])
    ]
    fields = [(word, Function(name)) for name, text in table["functions"].items() for word in _listed(text)]
    return _Words(
        {tuple(word.split()): rank for word, rank in ranks if not HAN.search(word)},
        {word: rank for word, rank in ranks if HAN.search(word)},
        {tuple(word.split()): field for word, field in fields if not HAN.search(word)},
        {word: field for word, field in fields if HAN.search(word) or word.isupper()},
        {name: _listed(text) for name, text in table.items() if isinstance(text, str)},
        [
            (BuyingRole(row["role"]), frozenset(map(Level, row["levels"])), frozenset(map(Function, row["functions"])), row["confidence"])
            for row in table["role"]
        ],
    )


@lru_cache(REMEMBERED)
def read_title(title: str | None, department: str | None = None) -> Title:
    """What a title says, with its confidences; the department tells the function where the title does not. O(length)."""
    posts = tuple(_posts(_plain(title or "")))
    ranked = [post for post in posts if post.level]
    best = min(ranked, key=lambda post: ORDER[post.level], default=None) if ranked else None  # type: ignore[index]
    function, sure = _function(best, posts, department)
    level = best.level if best else None
    return Title(posts, level, best.level_sure if best else 0.0, function, sure, _roles(level, function, posts))


def _plain(text: str) -> str:
    """Entities told, widths and cases made one."""
    return unicodedata.normalize("NFKC", html.unescape(html.unescape(text))).replace("’", "'").casefold().strip()


def _function(best: Post | None, posts: Sequence[Post], department: str | None) -> tuple[Function | None, float]:
    if best and best.function:
        return best.function, best.function_sure
    if best is None or best.level is not Level.BOARD:
        for post in posts:
            if post.function:
                return post.function, post.function_sure
        if department and (field := _field(_plain(department))):
            return field, BY_DEPARTMENT
    return None, 0.0


def _roles(level: Level | None, function: Function | None, posts: Iterable[Post]) -> tuple[RoleGuess, ...]:
    """The surest of each role, over all posts, the surest first."""
    asked = {(level, function), *((post.level, post.function or function) for post in posts)}
    found: dict[BuyingRole, float] = {}
    for role, levels, functions, sure in _words().roles:
        if any((not levels or at in levels) and (not functions or about in functions) for at, about in asked if at or about):
            found[role] = max(sure, found.get(role, 0.0))
    return tuple(RoleGuess(role, sure) for role, sure in sorted(found.items(), key=lambda one: (-one[1], one[0])))


def _posts(text: str) -> list[Post]:
    """The posts that a title names; what has no rank belongs to the post before it, or to the first."""
    text = CHIEF_OFFICER.sub(lambda found: BETWEEN.sub(" ", found[0]), text)
    for word in _words().lists["chinese_and"]:
        text = text.replace(word, "/")
    pieces: list[tuple[_Found | None, str]] = []
    for segment in (part for part in BETWEEN.split(re.sub(r"[(\[（].*?[)\]）]", " ", text)) if part):
        pieces.append(((_chinese if HAN.search(segment) else _english)(segment), segment))
    made: list[tuple[_Found | None, list[str]]] = []
    for found, segment in pieces:
        if found is None and made:
            made[-1][1].append(segment)
        elif made and made[-1][0] is None:
            made[-1] = found, [*made[-1][1], segment]
        else:
            made.append((found, [segment]))
    return [post for found, segments in made if (post := _post(found, segments))]


class _Found(NamedTuple):
    rank: Rank
    scope: str
    """What the post is about: all around the rank."""
    word: str
    """The words of the rank."""
    deputy: bool
    acting: bool
    honorary: bool
    part: bool
    """The scope names a part of a company."""


def _post(found: _Found | None, segments: Sequence[str]) -> Post | None:
    if found is None:
        field = _field(" ".join(segments))
        return Post(None, 0.0, field, BY_SCOPE) if field else None
    if found.honorary:
        return None
    scope = " ".join((found.scope, *segments[1:]))
    rank = found.rank
    field = _field(scope) or (None if rank.function else _field(found.word))
    level, sure = rank.level, rank.sure
    if rank.heads and (field or found.part):
        level = Level.DIRECTOR
    if found.deputy:
        level = BELOW.get(level, level)
    function = field if rank.heads and field else rank.function if rank.function and not (rank.heads and found.part) else field
    return Post(level, sure, function, BY_SCOPE if function else 0.0, found.acting)


def _english(segment: str) -> _Found | None:
    words, lists = _words(), _words().lists
    tokens: list[str] = []
    for token in TOKEN.findall(segment):
        tokens += short_forms().get(token, token).split()
    found: tuple[int, int, Rank] | None = None
    at = 0
    while at < len(tokens):
        length = _longest(words.english, tokens, at)
        if length < 2 and tokens[at] == "chief" and "officer" in tokens[at : at + MOST_WORDS]:
            length = tokens[at : at + MOST_WORDS].index("officer") + 1
            found, at = (at, at + length, words.english["chief", "officer"]), at + length
        elif length:
            found, at = (at, at + length, words.english[tuple(tokens[at : at + length])]), at + length
        elif tokens[at] in lists["small_words"]:
            break
        else:
            found, at = (None if tokens[at].endswith(POSSESSIVE) else found), at + 1
    if found is None:
        return None
    start, end, rank = found
    before, after = tokens[:start], tokens[end:]
    scope = [token.removesuffix(POSSESSIVE) for token in (*before, *after)]
    told = set(before)
    return _Found(
        _senior(rank) if told & {"senior", "principal", "lead", "staff"} else rank,
        " ".join(scope),
        " ".join(tokens[start:end]),
        bool(told.intersection(lists["cautions"])),
        bool(told.intersection(lists["acting"])),
        bool(told.intersection(lists["honorary"])),
        bool(after),
    )


def _senior(rank: Rank) -> Rank:
    return rank._replace(level=Level.SENIOR) if rank.level is Level.STAFF and rank.function is None else rank


def _longest(table: Mapping[tuple[str, ...], object], tokens: Sequence[str], at: int) -> int:
    """How many tokens from here on are a phrase of the table, the longest first."""
    return next((length for length in range(min(MOST_WORDS, len(tokens) - at), 0, -1) if tuple(tokens[at : at + length]) in table), 0)


def _chinese(segment: str) -> _Found | None:
    words, lists = _words(), _words().lists
    text = re.sub(r"\s", "", segment)
    word = next((text[at:] for at in range(len(text)) if text[at:] in words.chinese), None)
    if word is None:
        return _chief(text)
    before = text[: -len(word)]
    rank = words.chinese[word]
    part = any(unit in before for unit in lists["unit_words"])
    return _Found(
        _senior(rank) if before.startswith(("高级", "资深", "首席")) else rank,
        before,
        word,
        before.endswith("副"),
        any(one in before for one in lists["acting"] if HAN.search(one)),
        before.startswith(tuple(one for one in lists["honorary"] if HAN.search(one))) and not before.startswith(lists["still_held"]),
        part,
    )


def _chief(text: str) -> _Found | None:
    """``首席…官``."""
    found = re.fullmatch(r"(.*)首席(.+)官", text)
    return _Found(_words().chinese["首席官"], found[2], "", found[1].endswith("副"), False, False, False) if found else None


def _field(text: str) -> Function | None:
    """The first function that a text names; of those that begin at one place the longest."""
    words = _words()
    best: tuple[int, int, Function] | None = None
    if HAN.search(text):
        for word, field in words.chinese_functions.items():
            at = text.find(word.casefold())
            if at >= 0 and (best is None or (at, -len(word)) < best[:2]):
                best = at, -len(word), field
        if best:
            return best[2]
    tokens = [part for token in TOKEN.findall(text) for part in short_forms().get(token, token).split()]
    for at in range(len(tokens)):
        if length := _longest(words.functions, tokens, at):
            return words.functions[tuple(tokens[at : at + length])]
    return None
