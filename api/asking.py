"""One question, asked with texts: what `ask` on the command line and `/export` over HTTP have in common."""

import dataclasses
import inspect
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from types import UnionType
from typing import Any, cast, get_args, get_origin

from api.context import Context
from api.registry import CLOCKS
from graph.errors import DottedlineError, InvalidInput, NotFound
from graph.filter import parsed, values
from graph.instants import at_moment, now, period
from graph.question import PAGED, Argument, Question
from graph.view import View
from queries.anchors.entities import entity, resolve

DAY = 24 * 3600 * 1_000_000


def anchor_option(question: Question[..., Any]) -> str | None:
    """How the anchor of a question is named among its arguments."""
    return entity(question.anchor).option if question.anchor else None


def instant_of(name: str, text: str | None, zone: tzinfo, *, last: bool) -> int | None:
    """An instant that a person typed: the first of a date for a load, the last for a question. Raises InvalidInput."""
    if text is None:
        return None
    try:
        first, after = period(text, zone)
    except (ValueError, OverflowError):
        raise InvalidInput(f"{name}: {text!r} is no ISO 8601 date. Write 2026-05-31.", argument=name) from None
    return first if not last or first == after else after - 1


def so_far(known_at: int | None) -> int | None:
    """A day that is not over is known up to now; a later one stays as it is, and is refused."""
    this = now()
    return this if known_at is not None and this < known_at < this + DAY else known_at


def parts(argument: Argument) -> tuple[Any, ...]:
    """The argument's type, or those of its union, None left out."""
    found = get_args(argument.type) if get_origin(argument.type) is UnionType else (argument.type,)
    return tuple(part for part in found if part is not type(None))


def kebab(name: str) -> str:
    """The name of an argument as it is typed."""
    return name.rstrip("_").replace("_", "-")


def given(argument: Argument, value: Any, zone: tzinfo) -> Any:
    """What was typed for an argument, as the question takes it: the last instant of a date, a filter from its text, lists split at commas, inputs."""
    kind = parts(argument)[0]
    if value is None:
        return None
    if kind is datetime:
        at = instant_of(argument.spelled, value, zone, last=True)
        return None if at is None else at_moment(at)
    if dataclasses.is_dataclass(kind):
        return parsed(value, cast(type[Any], kind))
    if get_origin(kind) is list and dataclasses.is_dataclass(get_args(kind)[0]):
        return [parsed(text, cast(type[Any], get_args(kind)[0]), argument.spelled) for text in value] or None
    if get_origin(kind) is list:
        texts = [text.strip() for each in value for text in each.split(",") if text.strip()]
        return values(argument.spelled, kind, texts) if texts else None
    return value


@dataclasses.dataclass(frozen=True, slots=True)
class Asking:
    """A question with the name of its anchor, its arguments, and the clocks as they were typed; ``by_page`` where a page of a list was asked for."""

    question: Question[..., Any]
    who: str
    arguments: Mapping[str, Any]
    clocks: Mapping[str, str | None]
    by_page: bool = False

    async def view(self, context: Context) -> View:
        """What it looks at. Raises InvalidInput."""
        at = {name: instant_of(kebab(name), self.clocks.get(name), context.settings.zone, last=True) for name in CLOCKS}
        at["known_at"] = so_far(at["known_at"])
        moments = {name: None if instant is None else at_moment(instant) for name, instant in at.items()}
        return await context.view(**moments, after=self.arguments.get("after"), role=self.question.role)

    async def answer(self, context: Context, view: View, **more: Any) -> Any:
        """The answer. Raises NotFound for an anchor that nobody knows or may see, and whatever is wrong with it."""
        question, option = self.question, anchor_option(self.question)
        arguments = {**self.arguments, **more}
        if question.anchor is None or option is None:
            return await question(context.store, view, **arguments)
        id_ = (await resolve(context.store, await context.view(), question.anchor, [self.who], option)).get(self.who)
        answer = (await question(context.store, view, [id_], **arguments)).get(id_) if id_ else None
        if answer is None:
            raise NotFound(f"No {question.anchor.value.lower()} bears the id or alias {self.who!r}.", argument=option)
        if isinstance(answer, DottedlineError):
            raise answer
        return answer


def from_texts(question: Question[..., Any], texts: Iterable[tuple[str, str]], zone: tzinfo) -> Asking:
    """What a query string asks: arguments spelled as those of `ask`, lists by repetition or comma.

    Raises InvalidInput that names what is unknown, missing, given twice or not of its type.
    """
    option, told = anchor_option(question), dict[str, list[str]]()
    for name, text in texts:
        told.setdefault(name, []).append(text)
    arguments = {kebab(argument.name): argument for argument in question.arguments}
    known = [*([option] if option else []), *arguments, *map(kebab, CLOCKS)]
    if unknown := next((name for name in told if name not in known), None):
        raise InvalidInput(f"{question.title} has no argument {unknown!r}. It takes {', '.join(known)}.", argument=unknown)
    made = {argument.name: _of_texts(name, argument, told.get(name), zone) for name, argument in arguments.items()}
    clocks = {name: _one(kebab(name), told.get(kebab(name))) for name in CLOCKS}
    who = _one(option, told.get(option)) if option else ""
    if who is None:
        raise InvalidInput(f"{question.title} wants {option}: any id or alias.", argument=option)
    return Asking(question, who, made, clocks, asks_page(question, told))


def asks_page(question: Question[..., Any], typed: Iterable[str]) -> bool:
    """Whether the arguments that were typed ask for a page of a list."""
    return question.paged and not {argument.name for argument in PAGED}.isdisjoint(typed)


def _of_texts(name: str, argument: Argument, texts: Sequence[str] | None, zone: tzinfo) -> Any:
    kind = parts(argument)[0]
    if texts is None:
        if argument.default is inspect.Parameter.empty:
            raise InvalidInput(f"{name} is missing: {argument.doc}", argument=name)
        return argument.default
    if get_origin(kind) is list:
        return given(argument, texts, zone)
    text = _one(name, texts)
    plain = isinstance(kind, type) and not issubclass(kind, str | datetime) and not dataclasses.is_dataclass(kind)
    enumerated = isinstance(kind, type) and issubclass(kind, str) and kind is not str
    return values(name, kind, [text] if text else []) if plain or enumerated else given(argument, text, zone)


def _one(name: str, texts: Sequence[str] | None) -> str | None:
    if texts is None:
        return None
    if len(texts) > 1:
        raise InvalidInput(f"{name} is given {len(texts)} times. Give it once.", argument=name)
    return texts[0]
