"""An account's tags, with who earned them."""

from collections.abc import Sequence

from api.render import tagged
from api.render.sheets import Rows
from queries.account_tagged import AccountTag


def sheet(answer: Sequence[AccountTag]) -> Rows:
    """One row a tag."""
    yield [*tagged.HEAD, "people"]
    yield from ([*tagged.row(one), "; ".join(bearer.person.name for bearer in one.people if bearer.person)] for one in answer)


FORMATS = {"table": tagged.table}
