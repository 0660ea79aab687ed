"""Declarations as data: a TOML file checked against a type, with the file, the line and the field of its first fault."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from graph.errors import DottedlineError

T = TypeVar("T")


def declared_in(path: Path, made: Callable[[Any], T], error: type[DottedlineError], see: str) -> T:
    """What ``made`` makes of a TOML file.

    Raises ``error`` that names the file, the line, the field and the page ``see`` where the file is none, or ``made`` raises a ValueError: one of
    pydantic, or one that begins with the field, ``rules.trial.points: ...``.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        return made(tomllib.loads(text))
    except (OSError, UnicodeDecodeError) as fault:
        raise error(f"{path}: cannot be read ({fault}). Name a file in UTF-8.", file=str(path)) from None
    except tomllib.TOMLDecodeError as fault:
        raise error(f"{path}: not TOML: {fault}.", file=str(path)) from None
    except ValueError as fault:
        first = fault.errors(include_url=False)[0] if isinstance(fault, ValidationError) else None
        says = said(first) if first else str(fault)
        loc = [str(part) for part in first["loc"] if "[" not in str(part)] if first else []
        named = says.partition(":")[0].split(".")
        place = named if named[: len(loc)] == loc else loc
        line = line_of(text, place)
        dotted = "" if place is named else f"{'.'.join(place)}: "
        raise error(f"{path}: line {line}: {dotted}{says}. See {see}.", file=str(path), line=line) from None


def said(fault: ErrorDetails) -> str:
    """What pydantic says of a fault, without its word for an error that was raised on purpose."""
    return fault["msg"].removeprefix("Value error, ")


def line_of(text: str, place: list[str]) -> int:
    """The line of a TOML text on which the deepest part of ``place`` that stands there is written."""
    best, depth, under = 1, 0, list[str]()
    for at, line in enumerate(text.splitlines(), 1):
        head = re.match(r"\s*\[+([^\[\]]+)\]+\s*(?:#.*)?$", line)
        key = re.match(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"))*)\s*=""", line)
        if not head and not key:
            continue
        parts = [part.strip("\"' ") for part in re.findall(r"""[\w-]+|"[^"]*"|'[^']*'""", (head or key)[1])]  # type: ignore[index]
        under = parts if head else under
        here = parts if head else under + parts
        shared = next((at for at, (one, other) in enumerate(zip(here, place, strict=False)) if one != other), min(len(here), len(place)))
        reached = shared if head or shared == len(here) else 0
        if reached > depth:
            best, depth = at, reached
    return best
