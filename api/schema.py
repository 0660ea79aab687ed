"""GraphQL from the questions: answer dataclasses become types, questions become fields of their anchor."""

import base64
import dataclasses
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, time
from enum import Enum
from typing import Annotated, Any, cast, get_args, get_type_hints

import orjson
import strawberry
from graphql import GraphQLError
from strawberry.dataloader import DataLoader
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.tools import create_type
from strawberry.types import ExecutionContext
from strawberry.types.base import get_object_definition, has_object_definition
from strawberry.types.field import StrawberryField

from api.context import Context
from graph.answer import Id
from graph.errors import DottedlineError, InvalidInput, NotFound
from graph.question import Anchor, Question, discover, said
from queries.anchors.entities import CompanyFacts, PersonFacts, account_page, facts_of

QUESTIONS = discover("queries")
FACTS: dict[Anchor, type] = {Anchor.COMPANY: CompanyFacts, Anchor.PERSON: PersonFacts}
CLOCKS = {
    "as_of": "True in the world then; default: the end of today.",
    "known_at": "Known to us then; default: the last finished load.",
}
MOST_PAGE = 1_000
KEYWORD = inspect.Parameter.KEYWORD_ONLY


def answer_type(cls: type) -> type:
    """The answer dataclass itself, made known to strawberry: nested answers and enums first, sentences from its hints."""
    if not has_object_definition(cls):
        hints = get_type_hints(cls, include_extras=True)
        for inner in _named(hints.values()):
            if issubclass(inner, Enum):
                strawberry.enum(inner, description=inspect.getdoc(inner))
            else:
                answer_type(inner)
        strawberry.type(cls, description=inspect.getdoc(cls))
        for field in get_object_definition(cls, strict=True).fields:
            field.description = said(hints[field.python_name])[1]
    return cls


def _named(hints: Iterable[Any]) -> Iterator[type]:
    """Every answer dataclass and enum named in these hints."""
    for hint in hints:
        if isinstance(hint, type) and (dataclasses.is_dataclass(hint) or issubclass(hint, Enum)):
            yield hint
        else:
            yield from _named(get_args(hint))


def _field(resolver: Callable[..., Any], doc: str, name: str | None = None) -> StrawberryField:
    """A field with a resolver, typed as what it is."""
    return cast(StrawberryField, strawberry.field(resolver=resolver, description=doc, name=name))


def question_field(question: Question[..., Any]) -> StrawberryField:
    """A field that batches over all anchors of one request that ask it with the same arguments."""

    async def resolve(root: Any, info: strawberry.Info, **arguments: Any) -> Any:
        context: Context = info.context
        zone = context.settings.zone
        for name, given in arguments.items():
            if isinstance(given, datetime) and given.tzinfo is None:
                arguments[name] = given.replace(tzinfo=zone)
        key = (question.name, *arguments.items())
        if key not in context.loaders:
            clocks = {name: arguments.pop(name) for name in CLOCKS}

            async def fetch(ids: list[str]) -> list[Any]:
                answers = await question(context.store, await context.view(**clocks), ids, **arguments)
                return [answers.get(id_) for id_ in ids]

            context.loaders[key] = DataLoader(fetch)
        return await context.loaders[key].load(root.id)

    part: Any = answer_type(question.part)
    answer: Any = part if question.part is question.answer else list[part]
    parameters = [
        inspect.Parameter("root", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Any),
        inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=strawberry.Info),
    ]
    parameters += [_argument(argument.name, argument.type, argument.default, argument.doc) for argument in question.arguments]
    parameters += [_argument(name, datetime | None, None, doc) for name, doc in CLOCKS.items()]
    resolve.__signature__ = inspect.Signature(parameters, return_annotation=answer)  # type: ignore[attr-defined]
    resolve.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters} | {"return": answer}
    resolve.__name__ = question.name
    return _field(resolve, question.doc)


def _argument(name: str, type_: Any, default: Any, doc: str) -> inspect.Parameter:
    spelled = strawberry.argument(description=doc, name=name.rstrip("_") if name.endswith("_") else None)
    return inspect.Parameter(name, KEYWORD, default=default, annotation=Annotated[type_, spelled])


def anchor_type(anchor: Anchor) -> type:
    """The anchor: its own facts, and a field for each of its questions."""
    facts = FACTS[anchor]
    fields = list(get_object_definition(answer_type(facts), strict=True).fields)
    asked = [question_field(question) for question in QUESTIONS if question.anchor is anchor]
    return create_type(anchor.value, [*fields, *asked], description=inspect.getdoc(facts))


Company = anchor_type(Anchor.COMPANY)
Person = anchor_type(Anchor.PERSON)


async def _anchor(info: strawberry.Info, anchor: Anchor, given: str) -> Any:
    """The facts of an id or alias, batched over the request. Raises NotFound."""
    context: Context = info.context
    if anchor not in context.loaders:

        async def fetch(names: list[str]) -> list[Any]:
            found = await facts_of(context.store, await context.view(), anchor, names)
            return [found.get(name) for name in names]

        context.loaders[anchor] = DataLoader(fetch)
    found = await context.loaders[anchor].load(given)
    if found is None:
        raise NotFound(f"No {anchor.value.lower()} bears the id or alias {given!r}. Look it up with `accounts`.", argument="id")
    return found


@strawberry.type(description="Where a page begins and ends.")
class PageInfo:
    """Relay's page information."""

    has_next_page: bool = strawberry.field(description="There is more after `endCursor`.")
    has_previous_page: bool = strawberry.field(description="There is something before this page.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first edge.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last edge.")


@strawberry.type(description="An account in a list.")
class CompanyEdge:
    """Relay's edge."""

    cursor: str = strawberry.field(description="Hand it to `after`.")
    node: Company = strawberry.field(description="The account.")  # type: ignore[valid-type]


@strawberry.type(description="A page of accounts.")
class CompanyConnection:
    """Relay's connection, in keyset order of name and id."""

    edges: list[CompanyEdge] = strawberry.field(description="The accounts.")
    page_info: PageInfo = strawberry.field(description="Where the page begins and ends.")
    total_count: int = strawberry.field(description="How many there are in all.")


def cursor(name: str, id_: str) -> str:
    """Where a page ended."""
    return base64.urlsafe_b64encode(orjson.dumps([name, id_])).decode()


def place(after: str | None) -> tuple[str, str]:
    """What a cursor says. Raises InvalidInput for one that we did not write."""
    if after is None:
        return "", ""
    try:
        name, id_ = orjson.loads(base64.urlsafe_b64decode(after.encode()))
        return str(name), str(id_)
    except (ValueError, TypeError):
        raise InvalidInput("`after` is no cursor of ours. Hand back an `endCursor` as it came.", argument="after") from None


async def account(info: strawberry.Info, id: strawberry.ID) -> Company:  # type: ignore[valid-type]
    """An account by any of its ids."""
    return await _anchor(info, Anchor.COMPANY, id)


async def company(info: strawberry.Info, id: strawberry.ID) -> Company:  # type: ignore[valid-type]
    """A company by any of its ids."""
    return await _anchor(info, Anchor.COMPANY, id)


async def person(info: strawberry.Info, id: strawberry.ID) -> Person:  # type: ignore[valid-type]
    """A person by any of their ids, e-mail addresses or profiles."""
    return await _anchor(info, Anchor.PERSON, id)


async def accounts(info: strawberry.Info, first: int = 20, after: str | None = None) -> CompanyConnection:
    """The accounts, by name."""
    if not 1 <= first <= MOST_PAGE:
        raise InvalidInput(f"first must lie between 1 and {MOST_PAGE}.", argument="first")
    context: Context = info.context
    view = await context.view()
    name, id_ = place(after)
    page = (await account_page(context.store, view, name, id_, first + 1))[0]
    shown = page.rows[:first]
    found = await facts_of(context.store, view, Anchor.COMPANY, [row[0] for row in shown])
    edges = [CompanyEdge(cursor=cursor(row[1], row[0]), node=found[row[0]]) for row in shown]
    ends = (edges[0].cursor, edges[-1].cursor) if edges else (None, None)
    info_ = PageInfo(has_next_page=len(page.rows) > first, has_previous_page=after is not None, start_cursor=ends[0], end_cursor=ends[1])
    return CompanyConnection(edges=edges, page_info=info_, total_count=page.total)


ROOTS = (account, company, person, accounts)
QUERY = create_type("Query", [_field(root, inspect.getdoc(root) or "") for root in ROOTS], description="What can be asked.")


def _moment(given: Any) -> datetime:
    """A date-time; a date is its last instant (contract, Time). Without a zone it stands in ours."""
    text = str(given)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return datetime.combine(datetime.fromisoformat(text), time.max)
    return datetime.fromisoformat(text)


def _parsed(given: Any) -> datetime:
    try:
        moment = _moment(given)
        (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        return moment
    except (ValueError, OverflowError):
        raise GraphQLError(f"Value cannot represent a DateTime: {given!r}. Write 2026-05-31 or 2026-05-31T09:00:00Z.") from None


MOMENT = strawberry.scalar(name="DateTime", description="Date with time (ISO 8601).", serialize=datetime.isoformat, parse_value=_parsed)


class QuietSchema(strawberry.Schema):
    """A schema that leaves the logging of errors to whoever knows which of them are expected."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: see ``api.execute.formatted``."""


def build() -> strawberry.Schema:
    """The schema, with ids as GraphQL's ID."""
    return QuietSchema(
        QUERY, config=StrawberryConfig(scalar_map={Id: DEFAULT_SCALAR_REGISTRY[strawberry.ID], datetime: MOMENT}, relay_max_results=MOST_PAGE)
    )


def code_of(error: BaseException | None) -> dict[str, Any]:
    """The extensions of an error that was raised on purpose; of any other, nothing but INTERNAL."""
    if isinstance(error, DottedlineError):
        return {"code": error.code, **error.details}
    return {"code": "INTERNAL"}
