"""The command line on the suite's database."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def dottedline(database, settings):
    """``dottedline("ask", ...)`` runs the command on the suite's database."""

    def run(*arguments):
        environment = {**os.environ, "NEO4J_URI": database.uri, "NEO4J_PASSWORD": database.password, "DOTTEDLINE_HOME": str(settings.home)}
        return subprocess.run(
            [sys.executable, "-c", "from api.cli import main; main()", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )

    return run
