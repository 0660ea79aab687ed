"""GraphQL from the questions: answer dataclasses become types, questions become fields of their anchor."""

import dataclasses
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from enum import Enum
from typing import Annotated, Any, cast, get_args, get_origin, get_type_hints

import strawberry
from graphql import GraphQLError
from strawberry.dataloader import DataLoader
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.tools import create_type
from strawberry.types import ExecutionContext
from strawberry.types.base import get_object_definition
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from api.compiled import LINK
from api.context import Context
from api.registry import CLOCKS, FACTS, MUTATIONS, QUESTIONS
from graph.answer import Id, Linked
from graph.errors import InvalidInput, NotFound
from graph.mutation import Mutation
from graph.page import Connection, digest
from graph.question import Anchor, Argument, Question, linked, said
from graph.worded import Worded
from queries.anchors.entities import entity, facts_of

KEYWORD = inspect.Parameter.KEYWORD_ONLY


def ready(cls: type) -> bool:
    """Whether strawberry knows the class itself, not only the one that it extends."""
    return "__strawberry_definition__" in vars(cls)


def answer_type(cls: type) -> type:
    """The answer dataclass itself, made known to strawberry: nested answers and enums first, sentences from its hints, links to their anchors."""
    if not ready(cls):
        hints = get_type_hints(cls, include_extras=True)
        known(hints.values())
        strawberry.type(cls, description=inspect.getdoc(cls))
        _describe(cls, hints)
    return cls


def known(hints: Iterable[Any]) -> None:
    """Makes every answer, input and enum that these hints name known to strawberry."""
    for inner in _named(hints):
        if issubclass(inner, Enum):
            strawberry.enum(inner, description=inspect.getdoc(inner))
            if issubclass(inner, Worded):
                for value in inner.__strawberry_definition__.values:  # type: ignore[attr-defined]
                    value.description = inner(value.value).said
        elif inner is not Linked:
            answer_type(inner)


def input_type(cls: type) -> None:
    """An input dataclass, made known to strawberry."""
    if not ready(cls):
        hints = get_type_hints(cls, include_extras=True)
        known(hints.values())
        strawberry.input(cls, description=inspect.getdoc(cls))
        _describe(cls, hints)


def _describe(cls: type, hints: dict[str, Any]) -> None:
    fields = get_object_definition(cls, strict=True).fields
    for place, field in enumerate(fields):
        hint = hints[field.python_name]
        anchor = linked(hint)
        if anchor:
            fields[place] = _link(field.python_name, anchor)
        fields[place].description = said(hint)[1]


def _link(name: str, anchor: Anchor) -> StrawberryField:
    """A field that goes on to another anchor; null where there is none or it may not be seen."""

    async def resolve(root: Any, info: strawberry.Info) -> Any:
        there = getattr(root, name)
        return None if there is None else await _loader(info.context, anchor).load(there.id)

    resolve.__annotations__["return"] = Annotated[anchor.value, strawberry.lazy("api.schema")] | None
    field = _field(resolve, "", metadata={LINK: lambda context: _loader(context, anchor)})
    field.python_name = name
    return field


def _named(hints: Iterable[Any]) -> Iterator[type]:
    """Every answer dataclass and enum named in these hints."""
    for hint in hints:
        if isinstance(hint, type) and (dataclasses.is_dataclass(hint) or issubclass(hint, Enum)):
            yield hint
        else:
            origin = get_origin(hint)
            yield from _named([*([origin] if isinstance(origin, type) and dataclasses.is_dataclass(origin) else []), *get_args(hint)])


def _field(resolver: Callable[..., Any], doc: str, metadata: dict[str, Any] | None = None) -> StrawberryField:
    """A field with a resolver, typed as what it is."""
    return cast(StrawberryField, strawberry.field(resolver=resolver, description=doc, metadata=metadata))


def question_field(question: Question[..., Any]) -> StrawberryField:
    """A field that batches over all anchors of one request that ask it with the same arguments; a root question is asked once."""

    async def resolve(root: Any, info: strawberry.Info, **arguments: Any) -> Any:
        context: Context = info.context
        arguments = _zoned(arguments, context)
        clocks = {name: arguments.pop(name) for name in CLOCKS}
        if question.anchor is None:
            view = await context.view(**clocks, after=arguments.get("after"), role=question.role)

            async def ask(_: Sequence[str]) -> Mapping[str, Any]:
                return {"": await question(context.store, view, **arguments)}

            return (await context.answers.of(question.name, arguments, view, [""], ask))[""]
        key = digest(question.name, {**arguments, **clocks})
        if key not in context.loaders:

            async def fetch(ids: list[str]) -> list[Any]:
                view = await context.view(**clocks, role=question.role)

                async def ask(rest: Sequence[str]) -> Mapping[str, Any]:
                    made: Mapping[str, Any] = await question(context.store, view, rest, **arguments)
                    return made

                answers = await context.answers.of(question.name, arguments, view, ids, ask)
                return [answers.get(id_) for id_ in ids]

            context.loaders[key] = DataLoader(fetch)
        answer = await context.loaders[key].load(root.id)
        await context.turns()
        return answer

    known([question.part])
    clocks = [Argument(name, datetime | None, None, doc) for name, doc in CLOCKS.items()]
    return _signed(resolve, question.field, question.doc, [*question.arguments, *clocks], _answered(question))


def mutation_field(mutation: Mutation[Any]) -> StrawberryField:
    """A field that writes. What the same document asks after it sees what was written."""

    async def resolve(root: Any, info: strawberry.Info, **arguments: Any) -> Any:
        context: Context = info.context
        try:
            answer = await mutation(context.desk, **_zoned(arguments, context))
        except InvalidInput as error:
            raise spelled(error, mutation) from error
        context.renew()
        return answer

    known([mutation.answer])
    return _signed(resolve, mutation.field, mutation.doc, mutation.arguments, mutation.answer)


def spelled(error: InvalidInput, mutation: Mutation[Any]) -> InvalidInput:
    """The error of a mutation with its arguments as GraphQL names them: it is looked at as a row of a file, which spells them otherwise."""
    names = {argument.name: to_camel_case(argument.name) for argument in mutation.arguments}
    message = re.sub(r"\b[a-z]+(?:_[a-z]+)+\b", lambda found: names.get(found[0], found[0]), error.message)
    details = {name: names.get(str(value), value) if name == "argument" else value for name, value in error.details.items()}
    return type(error)(message, **details)


def _zoned(arguments: dict[str, Any], context: Context) -> dict[str, Any]:
    """Date-times without a zone stand in ours."""
    zone = context.settings.zone
    return {name: given.replace(tzinfo=zone) if isinstance(given, datetime) and given.tzinfo is None else given for name, given in arguments.items()}


def _signed(resolve: Callable[..., Any], name: str, doc: str, arguments: Sequence[Argument], answer: Any) -> StrawberryField:
    """The field of a resolver ``(root, info, **arguments)`` with these arguments."""
    known(argument.type for argument in arguments if not _inputs(argument.type))
    for argument in arguments:
        for cls in _inputs(argument.type):
            input_type(cls)
    parameters = [
        inspect.Parameter("root", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Any),
        inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=strawberry.Info),
    ]
    parameters += [_argument(argument.name, argument.type, argument.default, argument.doc) for argument in arguments]
    resolve.__signature__ = inspect.Signature(parameters, return_annotation=answer)  # type: ignore[attr-defined]
    resolve.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters} | {"return": answer}
    resolve.__name__ = name
    return _field(resolve, doc)


def _inputs(hint: Any) -> list[type]:
    """The input dataclasses of an argument's type."""
    return [cls for cls in _named([hint]) if dataclasses.is_dataclass(cls)]


def _answered(question: Question[..., Any]) -> Any:
    """The answer's type as GraphQL has it: a connection of an anchor's facts is one of the anchor."""
    if not question.paged:
        return question.answer
    answer_type(Connection)
    anchor = next((anchor for anchor, facts in FACTS.items() if facts is question.part), None)
    node: Any = globals()[anchor.value] if anchor else question.part
    return Connection[node]


def _argument(name: str, type_: Any, default: Any, doc: str) -> inspect.Parameter:
    spelled = strawberry.argument(description=doc, name=name.rstrip("_") if name.endswith("_") else None)
    return inspect.Parameter(name, KEYWORD, default=default, annotation=Annotated[type_, spelled])


def anchor_type(anchor: Anchor) -> type:
    """The anchor: its own facts, and a field for each of its questions."""
    facts = FACTS[anchor]
    fields = list(get_object_definition(answer_type(facts), strict=True).fields)
    asked = [question_field(question) for question in QUESTIONS if question.anchor is anchor]
    return create_type(anchor.value, [*fields, *asked], description=inspect.getdoc(facts))


for _anchor in Anchor:
    globals()[_anchor.value] = anchor_type(_anchor)


def _loader(context: Context, anchor: Anchor) -> DataLoader[str, Any]:
    """The facts of ids and aliases, batched over the request."""
    if anchor not in context.loaders:

        async def fetch(names: list[str]) -> list[Any]:
            view = await context.view()
            found = await context.answers.of(anchor.value, {}, view, names, lambda rest: facts_of(context.store, view, anchor, rest))
            return [found.get(name) for name in names]

        context.loaders[anchor] = DataLoader(fetch)
    made: DataLoader[str, Any] = context.loaders[anchor]
    return made


def anchor_field(anchor: Anchor, name: str, doc: str) -> StrawberryField:
    """The root field of an anchor: by id or alias."""
    lists = next((question.field for question in QUESTIONS if question.paged and question.part is FACTS[anchor]), None)
    cure = f" Look it up with `{lists}`." if lists else ""

    async def resolve(info: strawberry.Info, id: strawberry.ID) -> Any:
        found = await _loader(info.context, anchor).load(id)
        if found is None:
            raise NotFound(f"No {name} bears the id or alias {id!r}.{cure}", argument="id")
        return found

    resolve.__annotations__["return"] = globals()[anchor.value] | None
    resolve.__name__ = name
    return _field(resolve, doc)


ROOTS = [anchor_field(anchor, name, doc) for anchor in Anchor for name, doc in entity(anchor).roots.items()]
ROOTS += [question_field(question) for question in QUESTIONS if question.anchor is None]
QUERY = create_type("Query", ROOTS, description="What can be asked.")
MUTATION = create_type("Mutation", [mutation_field(mutation) for mutation in MUTATIONS], description="What can be said: each is a numbered write.")


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
        raise ValueError(f"Value cannot represent a DateTime: {given!r}. Write 2026-05-31 or 2026-05-31T09:00:00Z.") from None


MOMENT = strawberry.scalar(name="DateTime", description="Date with time (ISO 8601).", serialize=datetime.isoformat, parse_value=_parsed)


class QuietSchema(strawberry.Schema):
    """A schema that leaves the logging of errors to whoever knows which of them are expected."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: see ``api.execute.formatted``."""


def build() -> strawberry.Schema:
    """The schema, with ids as GraphQL's ID."""
    return QuietSchema(QUERY, MUTATION, config=StrawberryConfig(scalar_map={Id: DEFAULT_SCALAR_REGISTRY[strawberry.ID], datetime: MOMENT}))
