"""Answers: what nobody looks at is not worked out."""

from dataclasses import asdict, replace
from typing import Annotated

import orjson

from graph.answer import LATE, answer, later, length


@answer
class Part:
    """Something with a score."""

    name: Annotated[str, "Its name."]
    score: Annotated[list[int] | None, LATE, "How good it is."]
    others: Annotated[list[str], "Who else."]


def made(worked, name="a"):
    return Part(name, later(lambda: worked.append(name) or [1, 2]), ["b", "c", "d"])


def test_a_late_value_is_worked_out_once_and_only_if_somebody_looks():
    worked = []
    part = made(worked)
    assert (length(part), worked) == (3, [])
    assert (part.score, part.score, worked) == ([1, 2], [1, 2], ["a"])
    assert length([part, part]) == 2


def test_whoever_writes_compares_or_copies_an_answer_sees_what_stands_there():
    whole = {"name": "a", "score": [1, 2], "others": ["b", "c", "d"]}
    assert orjson.loads(orjson.dumps(made([]))) == whole
    assert asdict(made([])) == whole
    assert made([]) == made([]) != Part("a", None, ["b", "c", "d"])
    assert replace(made([]), name="z").score == [1, 2]
