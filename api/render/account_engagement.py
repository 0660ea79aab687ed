"""An account's engagement for a terminal, and as rows."""

from api.render.engagement import lines
from api.render.rows import listing
from api.render.sheets import Rows
from queries.account_engagement import AccountEngagement, EngagedPerson

ROWS = listing(EngagedPerson)


def table(answer: AccountEngagement) -> str:
    """The sentences, then person by person."""
    told = [answer.score.why, answer.fit.why, *([f"Under {answer.replay.model}: {answer.replay.score.why}"] if answer.replay else [])]
    return "\n".join([*told, "", ROWS.table(answer.people), "", *lines(answer)]).rstrip()


def sheet(answer: AccountEngagement) -> Rows:
    """One row a person and model."""
    for number, standing in enumerate([answer, *([answer.replay] if answer.replay else [])]):
        head, *rows = ROWS.sheet(standing.people)
        if number == 0:
            yield ["model", *head]
        yield from ([standing.model, *row] for row in rows)


FORMATS = {"table": table}
