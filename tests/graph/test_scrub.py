"""What names a person in rejected rows, and what only looks alike."""

import pytest

from graph.scrub import Terms

HER = ["zoe", "Zoe Quill", "佐伊", "mail:zoe@acme.example", "phone:+4930123456", "url:linkedin.com/in/zoe"]


@pytest.mark.parametrize(
    "cell",
    [
        "zoe",
        "ann;ZOE",
        "met Zoe Quill, twice",
        "与佐伊见面",
        "Zoe@Acme.example",
        "write to zoe@acme.example!",
        "+49 (0)30 12-34-56",
        "call 030/123456 at noon",
        "https://linkedin.com/in/zoe",
    ],
)
def test_this_names_her(cell):
    assert Terms(HER).in_cell(cell)


@pytest.mark.parametrize(
    "cell", ["", "Zoey Quillon", "zoey", "ann@acme.example", "+49 30 123457", "123456", "2026-03-01T09:00:00", "https://linkedin.com/in/zoey"]
)
def test_this_does_not(cell):
    assert not Terms(HER).in_cell(cell)
