"""From paths to readable files: folders and archives are walked, nothing unpacks past its limit or outside its folder."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, BinaryIO, Protocol, cast

from graph.errors import InvalidInput

FORMS = {
    ".csv": "text",
    ".tsv": "text",
    ".tab": "text",
    ".txt": "text",
    ".json": "json",
    ".jsonl": "lines",
    ".ndjson": "lines",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".parquet": "parquet",
}
"""Suffix -> how the file is read."""
NOTES = (".md",)
"""Suffixes of what people write beside their data."""
MIB = 1_048_576


@dataclass(frozen=True, slots=True)
class File:
    """One file, maybe inside an archive: where it stands, its name without suffixes, how it is read, and how it is opened again and again."""

    path: Path
    stem: str
    form: str
    open: Callable[[], BinaryIO]

    def whole(self) -> BinaryIO:
        """The file as one that can be read at any place."""
        opened = self.open()
        if opened.seekable() and not isinstance(opened, zipfile.ZipExtFile):
            return opened
        with opened:
            return io.BytesIO(opened.read())


class Closing(Protocol):
    """Something that is closed after use."""

    def close(self) -> None:
        """Closes it."""


class Bounded(io.RawIOBase):
    """What is unpacked from ``packed``, up to a limit. Raises InvalidInput past it, and when the archive is broken."""

    def __init__(self, packed: IO[bytes], around: Closing, path: Path, limit: int) -> None:
        self.packed, self.around, self.path, self.left, self.limit = packed, around, path, limit, limit

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Up to as many bytes as fit."""
        try:
            block = self.packed.read(len(buffer))
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise InvalidInput(f"{self.path}: cannot be unpacked ({error}). Pack it again.", file=str(self.path)) from None
        self.left -= len(block)
        if self.left < 0:
            raise InvalidInput(f"{self.path}: {too_large(self.limit)}", file=str(self.path))
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        """Closes what is below too."""
        self.packed.close()
        self.around.close()
        super().close()


def too_large(limit: int) -> str:
    """What is wrong with an archive past its limit, and the cure."""
    return f"unpacks to more than {limit // MIB} MiB. Raise DOTTEDLINE_MAX_UNPACKED_MIB if you trust it, or split it."


def find_files(paths: list[Path], unpacked_mib: int) -> Iterator[File | Path]:
    """Every file below these paths, in a stable order; a bare path where the form is unknown.

    Of a folder or an archive, what is hidden and notes (`.md`) are left out.
    Raises InvalidInput for a path that is not there and an archive that is broken, encrypted, too large, or reaches outside its folder.
    """
    for path in paths:
        if not path.exists():
            raise InvalidInput(f"{path}: no such file or folder. Name a file, or a folder or zip of files.", file=str(path))
        for found in sorted(found for found in path.rglob("*") if found.is_file()) if path.is_dir() else [path]:
            if found == path or not _beside(PurePosixPath(found.relative_to(path))):
                yield from _members(found, unpacked_mib * MIB) if found.suffix.lower() == ".zip" else [_file(found, found.open, unpacked_mib * MIB)]


def _beside(inside: PurePosixPath) -> bool:
    """Whether it is hidden or a note: no data."""
    return inside.suffix.lower() in NOTES or any(part.startswith((".", "__MACOSX")) for part in inside.parts)


def _file(path: Path, opener: Callable[..., BinaryIO], limit: int) -> File | Path:
    plain = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    if plain.suffix.lower() not in FORMS:
        return path

    def unzipped() -> BinaryIO:
        packed = opener("rb")
        return io.BufferedReader(Bounded(cast(IO[bytes], gzip.open(packed)), packed, path, limit), MIB)

    return File(path, plain.stem, FORMS[plain.suffix.lower()], unzipped if plain != path else lambda: opener("rb"))


def _members(path: Path, limit: int) -> Iterator[File | Path]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
    except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
        raise InvalidInput(f"{path}: no zip archive ({error}). Pack it again.", file=str(path)) from None
    if sum(member.file_size for member in members) > limit:
        raise InvalidInput(f"{path}: {too_large(limit)}", file=str(path))
    for member in sorted(members, key=lambda member: member.filename):
        inside = PurePosixPath(member.filename.replace("\\", "/"))
        if inside.is_absolute() or PureWindowsPath(member.filename).drive or ".." in inside.parts:
            raise InvalidInput(f"{path}: {member.filename!r} reaches outside the archive. Pack it again without such a path.", file=str(path))
        if member.flag_bits & 1:
            raise InvalidInput(f"{path}: {member.filename!r} is encrypted. Unpack it first and load the folder.", file=str(path))

        def opened(_: str, name: str = member.filename) -> BinaryIO:
            archive = zipfile.ZipFile(path)
            return io.BufferedReader(Bounded(archive.open(name), archive, path / name, limit), MIB)

        if not _beside(inside):
            yield _file(path / inside, opened, limit)
