"""Stage, amount, close date and owner of an opportunity through time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated

from graph.answer import answer
from graph.model import ValueField
from graph.question import Anchor, question
from graph.read import Reader, read
from graph.sight import sight
from graph.stretch import Head, History, Packed, Stretch, at_or_none, stretches
from graph.view import View
from graph.worded import Worded


class CourseField(Worded):
    """What changes in the course of an opportunity."""

    STAGE = ValueField.STAGE.value, ValueField.STAGE.said
    AMOUNT = ValueField.AMOUNT.value, ValueField.AMOUNT.said
    CLOSE_ON = ValueField.CLOSE_ON.value, ValueField.CLOSE_ON.said
    OWNER = ValueField.OWNER.value, ValueField.OWNER.said


@answer
class Course(Stretch):
    """One value of an opportunity."""

    field: Annotated[CourseField, "What it is."]
    value: Annotated[str, "The value as written; of the owner the person's id."]
    amount: Annotated[float | None, "The value of an amount."]
    close_on: Annotated[datetime | None, "The value of a close date."]


@read
async def course_rows(ids: Sequence[str], fields: list[str], since: int, most: int) -> list[Packed]:
    """Their rows."""
    raise NotImplementedError


@question(Anchor.OPPORTUNITY)
async def course(
    store: Reader,
    view: View,
    opportunities: Sequence[str],
    *,
    fields: Annotated[list[CourseField] | None, "These only; default: all."] = None,
    history: History = True,
) -> Mapping[str, list[Course]]:
    """Stage, amount, close date and owner, the latest first, with all that held before."""
    wanted = [field.value for field in fields or CourseField]
    found = await stretches(partial(course_rows, fields=wanted), store, view, opportunities, history, _course)
    owners = {one.value for values in found.values() for one in values if one.field is CourseField.OWNER}
    hidden = (await sight(store, view, people=owners)).people
    return {id_: [one for one in values if one.field is not CourseField.OWNER or one.value not in hidden] for id_, values in found.items()}


def _course(head: Head, field: str, value: str, number: float | None) -> Course:
    of = CourseField(field)
    amount, close = (number if of is CourseField.AMOUNT else None), (number if of is CourseField.CLOSE_ON else None)
    return Course(*head, of, value, amount, at_or_none(close))
