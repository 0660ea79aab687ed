"""Lists on a terminal: what is read is whole."""

from dataclasses import dataclass

from api.render.rows import listing


@dataclass
class Deal:
    """A row with an id that could break anywhere, and a number that nobody can read as it is."""

    id: str
    about: str
    amount: float
    year: int


def test_an_id_stays_on_one_line_and_a_large_number_stands_in_groups():
    id_ = "salesforce:" + "0061x" * 8
    text = listing(Deal).table([Deal(id_, "long words " * 40, 21e9, 2026)])
    assert id_ in text
    assert "21,000,000,000" in text
    assert " 2026" in text
