"""A document that asks questions alone is prepared once, and answered without going through it again.

graphql-core's executor collects fields, coerces literals and defaults and builds what resolvers are told anew
for each request, though all but the variables is as it was. What is prepared gives the same response. Where
that is in doubt, nothing is prepared; and whatever cannot be shown is left to the executor.
"""

from collections.abc import Awaitable, Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final, cast

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionNode,
    located_error,
)
from graphql.execution.values import VariableValues, get_argument_values, get_variable_values
from graphql.pyutils import Path, gather_with_cancel, is_awaitable
from graphql.type import GraphQLResolveInfoHelpers

from resolvers.analytics import Answer
from schema.context import Context
from schema.replay import Told, told_by, varies
from schema.selected import Selection, selection_of
from schema.shown import Doubtful, Shown, Unshown, shown_by

QUESTION: Final = "analytics"
MOST_FAULTS: Final = 50
"""Of variables: the executor's own bound."""

NO_VARIABLES: Final = VariableValues({}, {})
NO_HELPERS: Final = GraphQLResolveInfoHelpers(gather_with_cancel, lambda _: None)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Asked:
    """One field of the document: its arguments, and what is shown of its answer."""

    key: str
    info: GraphQLResolveInfo[Any]
    """What the resolver is told, but for the context and the variables."""
    resolve: Callable[..., Any]
    fixed: Mapping[str, Any]
    """Arguments that are the same in each request, as coerced."""
    varying: GraphQLField
    """The field as if it had no other arguments than those with variables in them; likewise its node."""
    varying_node: FieldNode
    shown: Shown
    told: Told

    def answer(self, context: Context, variables: VariableValues) -> Awaitable[Answer]:
        """Raises GraphQLError for what is wrong with the arguments."""
        given = get_argument_values(self.varying, self.varying_node, variables)
        info = self.info._replace(context=context, variable_values=variables)
        return cast("Awaitable[Answer]", self.resolve(None, info, **self.fixed, **given))

    def located(self, error: Exception) -> GraphQLError:
        return located_error(error, self.info.field_nodes, [self.key])


@dataclass(frozen=True, slots=True)
class Prepared:
    """One operation of a document."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    asked: tuple[Asked, ...]

    def variables(self, given: dict[str, Any] | None) -> VariableValues | list[GraphQLError]:
        """As coerced, or what is wrong with them."""
        declared = self.operation.variable_definitions or ()
        return get_variable_values(self.schema, declared, given or {}, max_errors=MOST_FAULTS)

    async def answered(self, context: Context, variables: VariableValues) -> ExecutionResult:
        """The fields at the same time, as the executor does it. Raises Unshown."""
        context.variables = variables
        context.told = {each.key: each.told for each in self.asked}
        errors: list[GraphQLError] = []
        begun = [_begun(each, context, variables, errors) for each in self.asked]
        waited = [_there(*each, errors) for each in zip(self.asked, begun, strict=True)]
        found = [await waited[0]] if len(waited) == 1 else await gather_with_cancel(*waited)
        return ExecutionResult(self._shown(found), errors or None)

    def _shown(self, answers: list[Answer | None]) -> dict[str, Any]:
        try:
            return {each.key: each.shown(answer) for each, answer in zip(self.asked, answers, strict=True)}
        except Exception as error:
            raise Unshown from error


def _begun(
    asked: Asked, context: Context, variables: VariableValues, errors: list[GraphQLError]
) -> Awaitable[Answer] | None:
    """None, and an error, when there is something wrong with the arguments."""
    try:
        return asked.answer(context, variables)
    except Exception as error:  # noqa: BLE001  as the executor: whatever it is becomes an error with a place
        errors.append(asked.located(error))
        return None


async def _there(asked: Asked, answer: Awaitable[Answer] | None, errors: list[GraphQLError]) -> Answer | None:
    """The answer to a field that may be null."""
    try:
        return await answer if answer else None
    except Exception as error:  # noqa: BLE001  likewise
        errors.append(asked.located(error))
        return None


def prepared(
    schema: GraphQLSchema, tree: DocumentNode, operation: OperationDefinitionNode
) -> Prepared | None:
    """Of a valid document; None for one that asks for anything but questions, or where there is doubt."""
    selected = selection_of(tree, operation.name.value if operation.name else None)
    if not selected:
        return None
    try:
        asked = tuple(
            _asked(schema, operation, each, selected) for each in operation.selection_set.selections
        )
    except (Doubtful, GraphQLError):
        return None
    # Fields of one key are one field.
    return Prepared(schema, operation, asked) if len(asked) == len(selected) else None


def _asked(
    schema: GraphQLSchema, operation: OperationDefinitionNode, node: SelectionNode, selected: Selection
) -> Asked:
    if not isinstance(node, FieldNode) or node.name.value != QUESTION:
        raise Doubtful
    root = cast("GraphQLObjectType", schema.query_type)
    field = root.fields[QUESTION]
    key = (node.alias or node.name).value
    varying = {each.name.value for each in node.arguments or () if varies(each.value)}
    return Asked(
        key,
        GraphQLResolveInfo(
            field_name=QUESTION,
            field_nodes=[node],
            return_type=field.type,
            parent_type=root,
            path=Path(None, key, root.name),
            schema=schema,
            fragments={},
            root_value=None,
            operation=operation,
            variable_values=NO_VARIABLES,
            context=None,
            is_awaitable=is_awaitable,
            abort_signal=None,
            async_helpers=NO_HELPERS,
        ),
        cast("Callable[..., Any]", field.resolve),
        get_argument_values(*_only(field, node, field.args.keys() - varying)),
        *_only(field, node, varying),
        shown_by(field.type, selected[key].fields),
        told_by(node, field.args),
    )


def _only(field: GraphQLField, node: FieldNode, names: AbstractSet[str]) -> tuple[GraphQLField, FieldNode]:
    """The field and its node, as if there were no other arguments."""
    arguments = tuple(each for each in node.arguments or () if each.name.value in names)
    fewer = FieldNode(alias=node.alias, name=node.name, arguments=arguments, loc=node.loc)
    return GraphQLField(field.type, {name: arg for name, arg in field.args.items() if name in names}), fewer
