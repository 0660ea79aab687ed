"""Our rules beside Splink on DuckDB: found pairs of people, seconds, memory. For decision 15; needs ``pip install splink==5.0.0``.

``python -m bench.identity.beside_splink FOLDER``. Both get names, employers and titles alone, prepared by our own functions (pinyin, simplified
characters, employers without legal form, titles in words), and the same blocking. Splink is trained as its manual says, on the half that our weights
were counted on.
"""

import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import typer

from bench.identity.labelled import Labelled, everything
from bench.identity.train import TRAINED_ON, employers
from loaders.identity import AUTO, REVIEW, Record, keys, links
from loaders.identity.people import person_name
from loaders.identity.titles import title

SIZES = (10, 1_000, 100_000)


def bare(record: Record) -> Record:
    """What only a model can link."""
    return record._replace(mails=(), phones=(), urls=(), identifiers=())


def prepared(records: list[Record]) -> pa.Table:
    """A row for each record, as Splink wants it."""
    rows = []
    for record in records:
        name, found = person_name(record.names[0]), keys(record)
        rows.append(
            {
                "unique_id": record.id,
                "name": " ".join(sorted(name.words)),
                "spelled": sorted(name.joined),
                "letters": next((key for key in found if key.startswith("name:")), None),
                "initials": next((key for key in found if key.startswith("initials:")), None),
                "employer": next(iter(employers(record)), None),
                "title": next((title(text) for text in record.titles), None),
            }
        )
    return pa.Table.from_pylist(rows)


def linker(records: list[Record], model: dict[str, Any] | None) -> Any:
    """Splink's, new or with a trained model."""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on  # noqa: PLC0415 - timed
    from splink import comparison_library as compare  # noqa: PLC0415

    settings = model or SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on("letters"), block_on("initials")],
        comparisons=[
            compare.JaroWinklerAtThresholds("name", [0.95, 0.88]).configure(term_frequency_adjustments=True),
            compare.ArrayIntersectAtSizes("spelled", [1]),
            compare.ExactMatch("employer"),
            compare.JaroWinklerAtThresholds("title", [0.9]).configure(term_frequency_adjustments=True),
        ],
        max_iterations=50,
    )
    return Linker(DuckDBAPI().register(prepared(records)), settings)


def trained(records: list[Record]) -> dict[str, Any]:
    """The prior by sure pairs, ``u`` by chance pairs, ``m`` by expectation maximisation."""
    from splink import block_on  # noqa: PLC0415

    made = linker(records, None)
    made.training.estimate_probability_two_random_records_match([block_on("letters", "title")], recall=0.5)
    made.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("letters"), block_on("employer", "title")):
        made.training.estimate_parameters_using_expectation_maximisation(rule)
    return dict(made.misc.save_model_to_json())


def predicted(records: list[Record], model: dict[str, Any]) -> list[tuple[str, str, float]]:
    """Pairs and how likely they are one."""
    found = linker(records, model).inference.predict(threshold_match_probability=REVIEW).as_record_list()
    return [(row["unique_id_l"], row["unique_id_r"], row["match_probability"]) for row in found]


def quality(labelled: Labelled, model: dict[str, Any]) -> None:
    """Precision and recall of both."""
    records = [bare(record) for record in labelled.records]
    true = sum(count * (count - 1) // 2 for count in Counter(labelled.truth[record.id] for record in records).values())
    ours = [(link.left, link.right, link.score) for link in links(records)]
    for name, found in (("ours", ours), ("splink", predicted(records, model))):
        cells = [labelled.name, name]
        for least in (AUTO, REVIEW):
            right = [labelled.truth[left] == labelled.truth[other] for left, other, score in found if score >= least]
            cells += [f"{sum(right):,} of {len(right):,}", f"{sum(right) / true:.3f}"]
        typer.echo(" | ".join(cells))


def timed(side: str, size: int, model: Path) -> None:
    """Seconds to import and to link so many, and the peak memory, in this process."""
    records = [
        Record(f"r{number}", "Person", (f"Ann{number % 997} Lee{number % 10007}",), companies=(f"Firm {number % (size // 10 + 1)}",), titles=("CFO",))
        for number in range(size)
    ]
    began = time.perf_counter()
    if side == "splink":
        import splink  # noqa: F401, PLC0415 - timed

        after = time.perf_counter()
        predicted(records, json.loads(model.read_text()))
    else:
        after = time.perf_counter()
        links(records)
    done = time.perf_counter()
    typer.echo(f"{side} | {size:,} | {after - began:.2f} s | {done - after:.2f} s | {getrusage(RUSAGE_SELF).ru_maxrss // 1024} MiB")


def main(folder: Path, side: str = "", size: int = 0) -> None:
    """Both, on every set of people; then, each in a process of its own, their seconds."""
    if side:
        timed(side, size, folder)
        return
    halves = [[labelled.half(which) for labelled in everything(folder, 1) if labelled.name in TRAINED_ON["Person"]] for which in (0, 1)]
    model = trained([bare(record)._replace(id=f"{labelled.name}:{record.id}") for labelled in halves[0] for record in labelled.records])
    typer.echo("set | by | merged, right | recall | merged or for review, right | recall")
    for labelled in halves[1]:
        quality(labelled, model)
    with TemporaryDirectory() as home:
        kept = Path(home) / "splink.json"
        kept.write_text(json.dumps(model))
        typer.echo("by | records | import | link | peak")
        for number in SIZES:
            for name in ("ours", "splink"):
                subprocess.run([sys.executable, "-m", "bench.identity.beside_splink", str(kept), "--side", name, "--size", str(number)], check=True)


if __name__ == "__main__":
    typer.run(main)
