"""Writes graph/neo4j.lock: the runtime jars of Neo4j Community as Maven resolves them, with hashes and without an address. Needs mvn."""

import hashlib
import sys
import tempfile
from pathlib import Path
from subprocess import run

POM = """<project><modelVersion>4.0.0</modelVersion>
<groupId>lock</groupId><artifactId>lock</artifactId><version>1</version><packaging>pom</packaging>
<dependencies><dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>{version}</version></dependency></dependencies></project>"""

with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    folder.joinpath("pom.xml").write_text(POM.format(version=sys.argv[1]), encoding="utf-8")
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", "-Dmdep.useRepositoryLayout=true", f"-DoutputDirectory={folder / 'lib'}"]
    run(["mvn", "-q", "-B", *goal], check=True, cwd=folder)
    lines = []
    for jar in folder.joinpath("lib").rglob("*.jar"):
        *group, artifact, version = jar.parent.relative_to(folder / "lib").parts
        classifier = jar.stem.removeprefix(f"{artifact}-{version}").removeprefix("-")
        coordinates = ":".join([".".join(group), artifact, version, *([classifier] if classifier else [])])
        lines.append(f"{coordinates} {hashlib.sha256(jar.read_bytes()).hexdigest()}\n")
Path(__file__).parent.parent.joinpath("graph", "neo4j.lock").write_text("".join(sorted(lines)), encoding="utf-8")
