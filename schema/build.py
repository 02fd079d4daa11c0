"""The schema of one model, and the execution of a request against it."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.schema.name_converter import NameConverter
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.graphql import OperationType

from model.model import Model
from schema.arguments import ArgumentReader
from schema.context import Context
from schema.documents import Documents, KnownDocuments
from schema.errors import ErrorWriter, Report
from schema.mutation import mutation_type
from schema.names import names_of
from schema.query import query_type
from schema.scalars import SCALARS

READ_ONLY: Final = frozenset({OperationType.QUERY})
ALL: Final = frozenset({OperationType.QUERY, OperationType.MUTATION})
NO_SUBSCRIPTION: Final = "There are no subscriptions. Send a query or a mutation."


@dataclass(frozen=True, slots=True)
class Request:
    """One GraphQL request, whatever way it came."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    may_change: bool = True


class ChangeRefused(Exception):
    """A mutation came in a request that may only ask."""


class _QuietSchema(strawberry.Schema):
    def process_errors(
        self,
        errors: list[GraphQLError],
        execution_context: ExecutionContext | None = None,
    ) -> None:
        """Users' mistakes are no news for the log; internal errors are reported where they get their id."""


class _Names(NameConverter):
    """Remembers what is asked for at each request, for each argument that there is."""

    def __init__(self) -> None:
        super().__init__()
        self.apply_naming_config = cache(super().apply_naming_config)  # type: ignore[method-assign]


class Schema:
    """The GraphQL schema of `model`. `prefix` is that of the cache's keys."""

    def __init__(self, model: Model, report: Report, prefix: str = "analytics") -> None:
        names = names_of(model)
        reader = ArgumentReader(names.filters, names.having)
        documents = Documents()
        self._errors = ErrorWriter(model, report)
        self._schema = _QuietSchema(
            query=query_type(names, reader),
            mutation=mutation_type(names, reader, everything=f"{prefix}:*"),
            config=StrawberryConfig(scalar_map=SCALARS, name_converter=_Names()),
            extensions=[lambda: KnownDocuments(documents)],
        )

    @property
    def sdl(self) -> str:
        """The schema in GraphQL's definition language."""
        return self._schema.as_str() + "\n"

    async def execute(self, request: Request, context: Context) -> dict[str, Any]:
        """The response map: `data` (absent when nothing was executed) and `errors`. `query` is not empty.

        Raises ChangeRefused for a mutation in a request that may not change anything.
        """
        try:
            result = await self._schema.execute(
                request.query,
                variable_values=request.variables,
                context_value=context,
                root_value=request,
                operation_name=request.operation_name,
                allowed_operation_types=ALL if request.may_change else READ_ONLY,
            )
        except CannotGetOperationTypeError as error:
            return _refused(_no_operation(error.operation_name))
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.MUTATION:
                raise ChangeRefused from None
            return _refused(NO_SUBSCRIPTION)
        return self._response(result, context)

    def _response(self, result: ExecutionResult, context: Context) -> dict[str, Any]:
        errors = [self._errors.formatted(error, context.request_id) for error in result.errors or ()]
        response: dict[str, Any] = {}
        if errors:
            response["errors"] = errors
        if result.data is not None or not errors or any("path" in error for error in errors):
            response["data"] = result.data
        return response


def _no_operation(name: str | None) -> str:
    if name is None:
        return "The document has no operation: write a query, such as { cacheStats { hits } }."
    return f"The document has no operation called '{name}'."


def _refused(message: str) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"}}]}
