"""A question as it was asked becomes a text that can be asked again, today or tomorrow.

The text is what stands between the brackets of `analytics(...)`: variables are put in as literals, and what
is relative to the day stays so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from graphql import (
    ArgumentNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLString,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    StringValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    parse,
    print_ast,
)
from graphql.execution.values import VariableValues, VariableValueSource
from graphql.language.print_string import print_string
from graphql.utilities import value_to_literal

from model.faults import Fault

NOT_OF_THE_QUESTION: Final = frozenset({"cache", "maxAge"})
"""Arguments that say how the answer is to be had, not which one it is."""

MOST_TOKENS: Final = 2_000
TOLD: Final = "{ metadata { cacheKey source totalRows queryTimeMs } }"


@dataclass(frozen=True, slots=True)
class Told:
    """The arguments of one field, by name and in one order: as text, but for those with variables in them."""

    arguments: tuple[tuple[str, str | ValueNode], ...]

    def text(self, variables: VariableValues) -> str | None:
        """What can be asked again; nothing when it cannot be written down."""
        told = []
        try:
            for name, value in self.arguments:
                text = value if isinstance(value, str) else _with_variables(value, variables)
                if text != "null":  # it stands only where it is the default, and says as little as nothing
                    told.append(f"{name}: {text}")
        except TypeError:
            return None
        return ", ".join(told)


def told_by(node: FieldNode, names: Iterable[str]) -> Told:
    """What a field says; `names` are those of its arguments in the schema.

    The order in which they were written leaves no trace.
    """
    given = {each.name.value: each.value for each in node.arguments or ()}
    asked = (name for name in names if name in given and name not in NOT_OF_THE_QUESTION)
    return Told(tuple((name, _unless_it_varies(given[name])) for name in asked))


def _unless_it_varies(value: ValueNode) -> str | ValueNode:
    return value if varies(value) else _written(value)


def varies(value: ValueNode) -> bool:
    """Whether there are variables in it."""
    match value:
        case ListValueNode():
            return any(map(varies, value.values))
        case ObjectValueNode():
            return any(varies(each.value) for each in value.fields)
        case _:
            return isinstance(value, VariableNode)


def _with_variables(value: ValueNode, variables: VariableValues) -> str:
    """Raises TypeError for what is no literal."""
    match value:
        case VariableNode():
            return _of_variable(variables.sources.get(value.name.value))
        case ListValueNode():
            return f"[{', '.join(_with_variables(each, variables) for each in value.values)}]"
        case ObjectValueNode():
            return _object(
                (each.name.value, _with_variables(each.value, variables))
                for each in value.fields
                if not _is_left_out(each.value, variables)
            )
        case _:
            return _written(value)


def _is_left_out(value: ValueNode, variables: VariableValues) -> bool:
    """A variable that was not given and has no default leaves its place empty."""
    if not isinstance(value, VariableNode):
        return False
    source = variables.sources.get(value.name.value)
    return source is None or (source.value is Undefined and source.signature.default is None)


def _of_variable(source: VariableValueSource | None) -> str:
    if source is None:
        return "null"
    default = source.signature.default
    if source.value is not Undefined or default is None:
        return _of_value(source.value, source.signature.type)
    return _written(default.literal) if default.literal else "null"


def _of_value(value: object, kind: GraphQLInputType) -> str:
    """As graphql-core makes literals of values, but without a tree for what most values are."""
    if isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    if isinstance(value, str) and _is_text(kind):
        return print_string(value)
    if isinstance(value, list) and isinstance(kind, GraphQLList):
        return f"[{', '.join(_of_value(each, kind.of_type) for each in value)}]"
    if isinstance(value, dict) and isinstance(kind, GraphQLInputObjectType):
        return _object(
            (name, _of_value(value[name], field.type)) for name, field in kind.fields.items() if name in value
        )
    literal = value_to_literal(value, kind)
    if literal is None:
        raise TypeError(value)
    return _written(literal)


def _is_text(kind: GraphQLInputType) -> bool:
    return isinstance(kind, GraphQLScalarType) and (kind is GraphQLString or kind.value_to_literal is None)


def _object(fields: Iterable[tuple[str, str]]) -> str:
    return f"{{{', '.join(f'{name}: {text}' for name, text in fields)}}}"


def _written(value: ValueNode) -> str:
    """On one line."""
    match value:
        case ListValueNode():
            return f"[{', '.join(map(_written, value.values))}]"
        case ObjectValueNode():
            return _object((each.name.value, _written(each.value)) for each in value.fields)
        case EnumValueNode() | IntValueNode() | FloatValueNode():
            return value.value  # as print_ast does, but a visitor for each takes most of the time
        case StringValueNode():
            return print_string(value.value)
        case _:
            return print_ast(value)


def question_document(text: str) -> str:
    """A document that asks one question, and of its answer only how it was had.

    `text` holds the arguments of `analytics`. Raises Fault for anything else: no bracket in it leads out.
    """
    # The text ends before a line of its own, so that a comment in it ends, too.
    try:
        document = parse(f"{{ analytics({text}\n) {TOLD} }}", no_location=True, max_tokens=MOST_TOKENS)
    except GraphQLError as error:
        raise _no_question(error.message) from None
    arguments = [each for each in _arguments(document) if each.name.value not in NOT_OF_THE_QUESTION]
    asked = ", ".join(f"{each.name.value}: {_written(each.value)}" for each in arguments)
    return f"{{ analytics({asked}) {TOLD} }}" if asked else f"{{ analytics {TOLD} }}"


def _arguments(document: DocumentNode) -> tuple[ArgumentNode, ...]:
    """Of the one field that is there, if the text did not close the bracket itself and open another."""
    match document.definitions:
        case (OperationDefinitionNode(selection_set=selected),) if len(selected.selections) == 1:
            field = selected.selections[0]
            if isinstance(field, FieldNode) and not field.directives:
                return tuple(field.arguments or ())
    raise _no_question("They close the bracket around them.")


def _no_question(why: str) -> Fault:
    return Fault("GRAPHQL_PARSE_FAILED", f"These are not the arguments of a question: {why}")
