"""Which operation of a document is meant: without a name it must have only one."""

from collections.abc import Iterator

from graphql import GraphQLError, OperationDefinitionNode
from strawberry.extensions import SchemaExtension


class OneOperation(SchemaExtension):
    """Refuses to guess; strawberry alone would run the first. The root value is the request."""

    def on_validate(self) -> Iterator[None]:
        """Stands last among the extensions: faults of the document itself come first."""
        context = self.execution_context
        if context.graphql_document and not context.pre_execution_errors and not _named(context.root_value):
            names = [
                each.name.value
                for each in context.graphql_document.definitions
                if isinstance(each, OperationDefinitionNode) and each.name
            ]
            if len(names) > 1:
                message = (
                    f"The document has several operations. Say one as operationName: {', '.join(names)}."
                )
                context.pre_execution_errors = [GraphQLError(message)]
        yield


def _named(request: object) -> bool:
    return getattr(request, "operation_name", None) is not None
