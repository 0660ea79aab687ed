"""Ends a process when its owner is gone: reads the owner's pipe until it closes, however the owner died."""

import contextlib
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
            state.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
