"""Ends a process when its owner is gone: reads the owner's pipe until it closes, however the owner died."""

import contextlib
import json
import os
import sys
from pathlib import Path

import psutil


def same_process(process: psutil.Process, created: float) -> bool:
    """Whether this is the process that began at ``created``, and not another that got its number; the clock may have been set by a little since."""
    return abs(process.create_time() - created) < 5


def main() -> None:
    """``python -m graph.guard PID CREATED STATE``: standard input is the owner's pipe."""
    os.read(0, 1)
    pid, created, state = int(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3])
    with contextlib.suppress(psutil.NoSuchProcess):
        child = psutil.Process(pid)
        if same_process(child, created):
            child.terminate()
            try:
                child.wait(20)
            except psutil.TimeoutExpired:
                child.kill()
            if _names(state, pid):
                state.unlink(missing_ok=True)


def _names(state: Path, pid: int) -> bool:
    """Whether the record is of this process still: another may have been started meanwhile."""
    try:
        return bool(json.loads(state.read_text(encoding="utf-8"))["pid"] == pid)
    except (OSError, ValueError, KeyError):
        return False


if __name__ == "__main__":
    main()
