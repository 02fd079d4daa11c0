"""Asks in GraphQL, and sees what becomes of it: a question or a fault, and the text that asks it again."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import (
    GraphQLResolveInfo,
    NullValueNode,
    OperationDefinitionNode,
    execute,
    parse,
    validate,
)
from graphql.execution.values import VariableValues, get_variable_values
from graphql.utilities import ast_to_dict, replace_variables

from model.faults import Fault
from model.viewer import ANONYMOUS
from resolvers.question import Question
from schema.build import Request, Schema
from schema.context import Context, Services
from schema.replay import question_document, told_by
from tests.plan.questions import RESTAURANT


def nothing_internal(request_id: str, error: BaseException) -> None:
    raise AssertionError(request_id) from error


SCHEMA = Schema(RESTAURANT, nothing_internal)
GRAPHQL = SCHEMA._schema._schema


@dataclass
class Listener:
    """Stands where questions are answered, and writes them down instead."""

    heard: list[Question] = field(default_factory=list)

    async def answer(self, question: Question, *_: Any) -> None:
        self.heard.append(question)
        raise Fault("INTERNAL", "Nobody answers here.")


@dataclass(frozen=True)
class Outcome:
    """Of one question: what it meant, or the code and message of what is wrong with it."""

    question: Question | None
    fault: tuple[str, str] | None
    text: str | None


def outcome(query: str, **variables: Any) -> Outcome:
    """Of the one `analytics` field in `query`, which must be valid."""
    document = parse(query)
    assert validate(GRAPHQL, document) == [], query
    listener, texts = Listener(), list[str | None]()

    def spy(resolve: Callable[..., Any], root: Any, info: GraphQLResolveInfo[Any], **given: Any) -> Any:
        if info.field_name == "analytics":
            values = get_variable_values(GRAPHQL, info.operation.variable_definitions or (), variables)
            assert isinstance(values, VariableValues)
            texts.append(told_by(info.field_nodes[0], info.parent_type.fields["analytics"].args).text(values))
        return resolve(root, info, **given)

    async def asked() -> Any:
        services = Services(cast("Any", listener), cast("Any", None))
        context = Context(services, ANONYMOUS, "test")
        found = execute(
            GRAPHQL,
            document,
            root_value=Request(query, variables),
            context_value=context,
            variable_values=variables,
            middleware=[spy],
            executor_class=SCHEMA._schema.execution_context_class,
        )
        return await cast("Any", found)

    result = asyncio.run(asked())
    if listener.heard:
        return Outcome(listener.heard[0], None, texts[0])
    error = result.errors[0]
    cause = error.original_error
    while not isinstance(cause, Fault):
        assert cause is not None, error
        cause = getattr(cause, "original_error", None)
    return Outcome(None, (cause.code, cause.message), texts[0])


def replayed(text: str) -> Outcome:
    """What becomes of a text when it is asked again."""
    return outcome(question_document(text))


def read(arguments: str) -> dict[str, str]:
    """Each argument as graphql-core reads it."""
    (operation,) = parse(f"{{ analytics({arguments}) }}" if arguments else "{ analytics }").definitions
    return _read(operation)


def literals(query: str, variables: dict[str, Any]) -> dict[str, str]:
    """The same of a question whose variables graphql-core itself replaces, without what is null."""
    (operation,) = parse(query).definitions
    assert isinstance(operation, OperationDefinitionNode)
    values = get_variable_values(GRAPHQL, operation.variable_definitions or (), variables)
    assert isinstance(values, VariableValues)
    return _read(operation, values)


def _read(operation: Any, values: VariableValues | None = None) -> dict[str, str]:
    (field,) = operation.selection_set.selections
    found = {
        each.name.value: replace_variables(each.value, values) if values else each.value
        for each in field.arguments or ()
    }
    # How a string is quoted is all that may differ.
    return {
        name: repr(ast_to_dict(value)).replace("'block': True", "'block': False")
        for name, value in found.items()
        if not isinstance(value, NullValueNode)
    }
