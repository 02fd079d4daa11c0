"""A question as it was asked becomes a text that can be asked again, today or tomorrow.

The text is what stands between the brackets of `analytics(...)`: variables are put in as literals, and what
is relative to the day stays so.
"""

from typing import Any, Final

from graphql import (
    ArgumentNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FloatValueNode,
    GraphQLError,
    GraphQLResolveInfo,
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
from graphql.execution.values import VariableValues
from graphql.utilities import replace_variables

from model.faults import Fault

NOT_OF_THE_QUESTION: Final = frozenset({"cache", "maxAge"})
"""Arguments that say how the answer is to be had, not which one it is."""

MOST_TOKENS: Final = 2_000
TOLD: Final = "{ metadata { cacheKey source totalRows queryTimeMs } }"


def replayable(info: GraphQLResolveInfo[Any], variables: VariableValues) -> str | None:
    """The arguments of the field that is being answered; nothing when they cannot be written down.

    The order in which they were written leaves no trace. `variables` are those of the execution.
    """
    given = {each.name.value: each.value for each in info.field_nodes[0].arguments or ()}
    known = info.parent_type.fields[info.field_name].args
    try:
        written = {name: _argument(given[name], variables) for name in known if name in given}
    except TypeError:
        return None
    # A null stands only where it is the default: it says as little as nothing.
    kept = {name: text for name, text in written.items() if text != "null"}
    return ", ".join(f"{name}: {text}" for name, text in kept.items() if name not in NOT_OF_THE_QUESTION)


def _argument(value: ValueNode, variables: VariableValues) -> str:
    """A variable that was not given and has no default leaves its argument out, and is told as null, too."""
    if isinstance(value, VariableNode):
        source = variables.sources.get(value.name.value)
        if source is None or (source.value is Undefined and source.signature.default is None):
            return "null"
    return _written(replace_variables(value, variables))


def _written(value: ValueNode) -> str:
    """On one line. Raises TypeError for what is no literal."""
    match value:
        case ListValueNode():
            return f"[{', '.join(map(_written, value.values))}]"
        case ObjectValueNode():
            return f"{{{', '.join(f'{each.name.value}: {_written(each.value)}' for each in value.fields)}}}"
        case EnumValueNode() | IntValueNode() | FloatValueNode():
            return value.value  # as print_ast does, but a visitor for each takes most of the time
        case StringValueNode():
            return print_ast(StringValueNode(value=value.value, block=False))
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
