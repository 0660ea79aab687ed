"""Text in any script, brought to one form: width, case, traditional and simplified characters, diacritics, spellings in Latin letters."""

import re
from functools import cache
from itertools import islice, product
from typing import TYPE_CHECKING
from unicodedata import normalize

from anyascii import anyascii

from loaders.identity.words import meanings

if TYPE_CHECKING:
    from opencc import OpenCC

HAN = re.compile("[㐀-䶿一-鿿豈-﫿𠀀-𳍿]")
DIAERESIS = "\u0308"
REMEMBERED = 1 << 16
"""Names, employers, domains and countries come up again and again in a load: so many are taken apart once."""
READINGS = 16
"""A name with more spellings than this keeps the first ones."""


@cache
def _simplifier() -> "OpenCC":
    from opencc import OpenCC  # noqa: PLC0415 - its dictionaries are read once, and only where Chinese is met

    return OpenCC("t2s")


class _Simplified(dict[int, str]):
    """Character by character, so that a name is simplified alike wherever it stands."""

    def __missing__(self, point: int) -> str:
        self[point] = made = _simplifier().convert(chr(point)) if point > 0x2E7F else chr(point)
        return made


_SIMPLIFIED = _Simplified()


def folded(text: str) -> str:
    """Half width, simplified, without case; letters keep their diacritics."""
    if text.isascii():
        return text.casefold()
    return normalize("NFKC", text).translate(_SIMPLIFIED).casefold()


def ascii_of(text: str) -> str:
    """Folded text in ASCII: ``Jürgen`` is ``jurgen``, ``Łukasz`` is ``lukasz``; Chinese characters are left as they are."""
    if text.isascii():
        return text
    return "".join(sign if HAN.match(sign) else anyascii(sign).casefold() for sign in text)


@cache
def _pinyin() -> dict[int, str]:
    from pypinyin.pinyin_dict import pinyin_dict  # noqa: PLC0415 - a quarter of a second, and only where Chinese is met

    return pinyin_dict


@cache
def readings(sign: str) -> tuple[str, ...]:
    """How a Chinese character may be read, in pinyin without tones, the commonest first; itself where it is none.

    ``ü`` is spelled ``u``, ``v`` and ``yu``, as passports and keyboards do.
    """
    spelled = _pinyin().get(ord(sign))
    if spelled is None:
        return (sign,)
    made: dict[str, None] = {}
    for reading in spelled.split(","):
        plain = normalize("NFC", "".join(letter for letter in normalize("NFD", reading) if letter.isalpha() or letter == DIAERESIS))
        made |= dict.fromkeys([plain.replace("ü", by) for by in ("u", "v", "yu")] if "ü" in plain else [plain])
    return tuple(made)


def spellings(signs: str) -> list[str]:
    """Every way to spell Chinese characters in pinyin, joined; the commonest first, at most READINGS."""
    return list(islice(("".join(syllables) for syllables in product(*map(readings, signs))), READINGS))


def surname_spellings(signs: str) -> list[str]:
    """The same of a surname, where some characters are read otherwise: 曾 is ``zeng``."""
    own = meanings("surname_readings").get(signs)
    return list(dict.fromkeys([*([own] if own else []), *spellings(signs)]))
