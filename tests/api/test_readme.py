"""The README's commands, run as they stand there, print what stands below them."""

import re
import shlex
from pathlib import Path

README = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")
COMMAND = ".venv/bin/dottedline "


def steps():
    """(command, output) of each ``$`` line between the markers."""
    block = README.split("<!-- tested -->")[1].split("<!-- /tested -->")[0]
    for text in re.findall(r"```console\n(.*?)```", block, re.DOTALL):
        for step in text.split("$ ")[1:]:
            command, _, output = step.partition("\n")
            yield command, output.strip()


def test_the_commands_print_what_the_readme_says(store, dottedline):
    told = list(steps())
    assert len(told) > 2
    for command, output in told:
        assert command.startswith(COMMAND)
        done = dottedline(*shlex.split(command.removeprefix(COMMAND)))
        assert done.returncode == 0, done.stderr
        if output:
            assert done.stdout.strip() == output


def test_what_it_names_is_there():
    root = Path(__file__).parent.parent.parent
    for path in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (root / path).exists(), path
