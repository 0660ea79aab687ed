"""The ``dottedline`` command: the command line takes a while to import, and who presses Ctrl-C meanwhile is told no traceback."""

import sys

INTERRUPTED = 130
"""As shells tell an end by SIGINT."""


def main() -> None:
    """The entry point."""
    try:
        from api import cli  # noqa: PLC0415

        cli.main()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
