"""Writes requirements/dev.txt: every package that is installed for development, pinned with hashes, without an address."""

from pathlib import Path
from subprocess import run
from sys import executable

ROOT = Path(__file__).parent.parent
SHAPE = "--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --upgrade"
run([executable, "-m", "pip", "install", "--quiet", "uv"], check=True)
compiled = [executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--extra", "dev", *SHAPE.split(), "--output-file", "requirements/dev.txt"]
run(compiled, check=True, cwd=ROOT)
