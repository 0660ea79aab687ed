"""Neo4j's jars: pinned by graph/neo4j.lock, fetched in parallel, verified, kept in a cache that all homes share."""

import hashlib
import os
import shutil
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from graph.errors import StoreUnavailable
from graph.settings import Settings

TRIES = 3
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Jar:
    """One pinned artifact: its Maven coordinates and the SHA-256 of its bytes."""

    group: str
    artifact: str
    version: str
    classifier: str
    sha256: str

    @property
    def file(self) -> str:
        """The file's name."""
        return f"{self.artifact}-{self.version}{'-' + self.classifier if self.classifier else ''}.jar"

    @property
    def path(self) -> str:
        """Where a Maven repository keeps it."""
        return f"{self.group.replace('.', '/')}/{self.artifact}/{self.version}/{self.file}"


def locked(text: str | None = None) -> list[Jar]:
    """The jars of a lock: lines ``group:artifact:version[:classifier] sha256``."""
    made = []
    for line in (text if text is not None else resources.files("graph").joinpath("neo4j.lock").read_text(encoding="utf-8")).splitlines():
        coordinates, _, sha = line.partition(" ")
        group, artifact, version, *rest = coordinates.split(":")
        made.append(Jar(group, artifact, version, rest[0] if rest else "", sha.strip()))
    return made


def version_of(jars: list[Jar]) -> str:
    """The version of Neo4j itself."""
    return next(jar.version for jar in jars if (jar.group, jar.artifact) == ("org.neo4j", "neo4j"))


def fetch(settings: Settings, jars: list[Jar], progress: Progress = lambda done, of: None) -> Path:
    """The folder that holds all jars, verified. What is there is not fetched again, and then no network is touched.

    Raises StoreUnavailable when a jar cannot be had after three tries, or its hash stays wrong.
    """
    stamp = hashlib.sha256("\n".join(f"{jar.path} {jar.sha256}" for jar in jars).encode()).hexdigest()[:12]
    folder = settings.cache / f"neo4j-{version_of(jars)}-{stamp}"
    if (folder / ".complete").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    base = settings.maven_url or _central()
    missing = [jar for jar in jars if not (folder / jar.file).exists()]
    with ThreadPoolExecutor(16) as pool:
        for done, _ in enumerate(pool.map(lambda jar: _fetch_one(base, jar, folder), missing), 1):
            progress(done, len(missing))
    (folder / ".complete").touch()
    return folder


def _central() -> str:
    from jgo.maven import _core  # noqa: PLC0415  half a second that only a fetch pays

    return str(vars(_core)["MAVEN_CENTRAL_URL"])


def _fetch_one(base: str, jar: Jar, folder: Path) -> None:
    """One jar, moved into place only once its hash is right."""
    reason = ""
    for _ in range(TRIES):
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".part-", delete=False) as part:
            try:
                with urllib.request.urlopen(f"{base.rstrip('/')}/{jar.path}", timeout=60) as answer:  # noqa: S310  a repository that the user chose
                    shutil.copyfileobj(answer, part)
                part.flush()
                got = hashlib.sha256(Path(part.name).read_bytes()).hexdigest()
                if got == jar.sha256:
                    os.replace(part.name, folder / jar.file)  # noqa: PTH105
                    return
                reason = f"its SHA-256 is {got}, the lock says {jar.sha256}"
            except (urllib.error.URLError, OSError) as error:
                reason = f"{type(error).__name__}: {error}"
            finally:
                Path(part.name).unlink(missing_ok=True)
    raise StoreUnavailable(
        f"{jar.file} could not be fetched: {reason}. Check the network, or name a repository that can be reached with DOTTEDLINE_MAVEN_URL."
    )
