"""A customer's life: the stage and the sentence, then cause by cause, then products; as a sheet, a line a cause."""

from collections.abc import Iterator
from typing import Any

from api.render.rows import listing
from queries.lifecycle import Lifecycle, OwnedProduct

PRODUCTS = listing(OwnedProduct)


def table(answer: Lifecycle) -> str:
    """The sentence, a line a cause that is known, what is not known, and the products."""
    lines = [f"{answer.stage.value}: {answer.risk.why}"]
    for one in answer.risk.components:
        about = ", ".join(evidence.label for evidence in one.evidence)
        lines.append(f"  {one.contribution or 0:.2f}  {one.label}{f': {about}' if about else ''}")
    if answer.risk.value is not None and answer.unknown:
        lines.append(f"  not known: {', '.join(answer.unknown)}")
    return "\n".join(lines) + (f"\n\n{PRODUCTS.table(answer.products)}" if answer.products else "")


def sheet(answer: Lifecycle) -> Iterator[list[Any]]:
    """A line a cause, those of which nothing is known without a value."""
    yield ["stage", "risk", "cause", "value", "contribution", "evidence"]
    for one in answer.risk.components:
        yield [answer.stage, answer.risk.value, one.label, one.value, one.contribution, "; ".join(evidence.label for evidence in one.evidence)]
    for name in answer.unknown:
        yield [answer.stage, answer.risk.value, name, None, None, None]


FORMATS = {"table": table}
