"""The schema of one model, and the execution of a request against it."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import strawberry
from graphql import ExecutionResult, GraphQLError, OperationDefinitionNode, OperationType
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.config import StrawberryConfig

from model.model import Model
from schema.arguments import ArgumentReader
from schema.context import Context
from schema.documents import Document, Documents
from schema.errors import ErrorWriter, Report
from schema.mutation import mutation_type
from schema.names import names_of
from schema.parameters import given_as_coerced
from schema.query import query_type
from schema.scalars import SCALARS
from schema.shown import Unshown

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


class Schema:
    """The GraphQL schema of `model`. `prefix` is that of the cache's keys."""

    def __init__(self, model: Model, report: Report, prefix: str = "analytics") -> None:
        names = names_of(model)
        reader = ArgumentReader(names.filters, names.having)
        self._documents = Documents()
        self._errors = ErrorWriter(model, report)
        self._schema = strawberry.Schema(
            query=query_type(names, reader),
            mutation=mutation_type(names, reader, everything=f"{prefix}:*"),
            config=StrawberryConfig(scalar_map=SCALARS),
        )
        self._graphql = self._schema._schema  # noqa: SLF001  graphql-core's, which executes
        for kind, name in (("Query", "analytics"), ("Mutation", "deleteCacheKey")):
            given_as_coerced(self._graphql, kind, name)

    @property
    def sdl(self) -> str:
        """The schema in GraphQL's definition language."""
        return self._schema.as_str() + "\n"

    async def execute(self, request: Request, context: Context) -> dict[str, Any]:
        """The response map: `data` (absent when nothing was executed) and `errors`. `query` is not empty.

        Raises ChangeRefused for a mutation in a request that may not change anything.
        """
        try:
            document = self._documents.parsed(request.query)
            refusal = _refusal(document.operation(request.operation_name), request)
            if refusal:
                return {"errors": [refusal]}
            result = await self._result(document, request, context)
        except ChangeRefused:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, who asked is told in the response
            result = ExecutionResult(None, [_graphql_error(error)])
        return self._response(result, context)

    async def _result(self, document: Document, request: Request, context: Context) -> ExecutionResult:
        """By what was prepared of the document, or by graphql-core's executor."""
        if errors := document.errors(self._graphql, request.operation_name):
            return ExecutionResult(None, errors)
        context.document = document.tree
        if ready := document.prepared(self._graphql, request.operation_name):
            variables = ready.variables(request.variables)
            if isinstance(variables, list):
                return ExecutionResult(None, variables)
            with suppress(Unshown):
                return await ready.answered(context, variables)
        return await self._executed(document, request, context)

    async def _executed(self, document: Document, request: Request, context: Context) -> ExecutionResult:
        """What strawberry does around the executor for each request costs more than an answer."""
        executor = self._schema.execution_context_class.build(
            self._graphql,
            document.tree,
            request,
            context,
            request.variables,
            request.operation_name,
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]  # as strawberry hands it over
        )
        if isinstance(executor, list):
            return ExecutionResult(None, executor)
        context.variables = executor.variable_values
        try:
            result: Any = executor.execute_operation()
            return result if isinstance(result, ExecutionResult) else await result
        finally:
            # They refer to it: all that it holds would live on until garbage is searched.
            del executor.async_helpers

    def _response(self, result: ExecutionResult, context: Context) -> dict[str, Any]:
        errors = [self._errors.formatted(error, context.request_id) for error in result.errors or ()]
        response: dict[str, Any] = {}
        if errors:
            response["errors"] = errors
        if result.data is not None or not errors or any("path" in error for error in errors):
            response["data"] = result.data
        return response


def _graphql_error(error: Exception) -> GraphQLError:
    return error if isinstance(error, GraphQLError) else GraphQLError(str(error), original_error=error)


def _refusal(operation: OperationDefinitionNode | None, request: Request) -> dict[str, Any] | None:
    """Why it is not even validated. Raises ChangeRefused."""
    if operation is None:
        return _refused(_no_operation(request.operation_name))
    if operation.operation is OperationType.SUBSCRIPTION:
        return _refused(NO_SUBSCRIPTION)
    if operation.operation is OperationType.MUTATION and not request.may_change:
        raise ChangeRefused
    return None


def _no_operation(name: str | None) -> str:
    if name is None:
        return "The document has no operation: write a query, such as { cacheStats { hits } }."
    return f"The document has no operation called '{name}'."


def _refused(message: str) -> dict[str, Any]:
    return {"message": message, "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"}}
