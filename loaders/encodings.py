"""In which encoding a text file is written, and with which delimiter."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from charset_normalizer import from_bytes

from graph.errors import InvalidInput
from loaders.files import File

CANDIDATES = ["gb18030", "big5", "cp1252"]
"""What a text that is not Unicode may be; fewer candidates, fewer mistakes."""
NAMES = {"gb18030": "GB18030", "big5": "Big5", "cp1252": "Windows-1252", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}
DELIMITERS = ",\t;|"
LOOK = 65_536


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec's name, and what the report says of it: nothing of UTF-8."""

    codec: str
    says: str = ""


def encoding_of(file: File) -> Encoding:
    """Unicode by its marks or because it decodes; else what charset-normalizer finds likeliest in the lines that are not ASCII.

    A text of which some lines are not UTF-8 but most are stays UTF-8: those lines are refused, each for itself.
    Raises InvalidInput when nothing fits.
    """
    valid = broken = 0
    sample = bytearray()
    with file.open() as opened:
        head = opened.read(4096)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return Encoding("utf-16", "read as UTF-16, by its byte order mark")
        if head.count(0) * 5 > len(head) > 1:
            codec = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
            return Encoding(codec, "read as UTF-16, by the zeroes in its first bytes")
    with file.open() as opened:
        for line in opened:
            if not line.isascii():
                try:
                    line.decode()
                    valid += 1
                except UnicodeDecodeError:
                    broken += 1
                    sample += line if len(sample) < LOOK else b""
    if broken <= valid:
        return Encoding("utf-8-sig")
    best = from_bytes(bytes(sample), cp_isolation=CANDIDATES).best()
    if best is None:
        tried = ", ".join(["UTF-8", "UTF-16", *(NAMES[name] for name in CANDIDATES)])
        raise InvalidInput(f"{file.path}: its encoding is none of {tried}. Save the file as UTF-8.", file=str(file.path))
    sure = f"{100 - best.percent_chaos:.0f} % of the signs are likely in it"
    return Encoding(best.encoding, f"read as {NAMES[best.encoding]} ({sure})")


def delimiter_of(lines: Iterable[str]) -> str:
    """The delimiter under which most records have the same number of cells, and at least two."""
    head = list(islice(lines, 60))

    def fit(delimiter: str) -> tuple[float, int]:
        try:
            lengths = Counter(len(record) for record in csv.reader(head, delimiter=delimiter) if record)
        except csv.Error:
            return 0, 0
        length, times = max(lengths.items(), key=lambda item: (item[1] if item[0] > 1 else 0, item[0]), default=(1, 0))
        return (times / lengths.total(), length) if length > 1 else (0, 0)

    return max(DELIMITERS, key=fit)
