"""What rows say, laid down: where a load breaks off while a thread reads on, its own error is the one that is told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from pathlib import Path
from threading import Event

import pytest

from loaders.frames import Tables
from loaders.run import check
from loaders.spool import Spool


def test_who_leaves_while_another_thread_reads_hears_of_its_own_error(tmp_path):
    (tmp_path / "people.csv").write_text("person_id,name\n" + "".join(f"p{n},王芳 {n}\n" for n in range(60_000)), encoding="utf-8")
    reads = Event()

    def reading(spool):
        for _ in spool.things("Person"):
            reads.set()

    with ThreadPoolExecutor(1) as aside, pytest.raises(ValueError, match="of the load"), Spool() as spool:
        check(spool, Tables([tmp_path]), UTC, "told")
        spool.resolve()
        folder = Path(spool._folder.name)
        aside.submit(reading, spool)
        reads.wait(30)
        raise ValueError("of the load")
    assert not folder.exists()
