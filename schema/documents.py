"""Documents that were executed before are neither parsed nor validated again.

One extension instead of strawberry's own: its caches compare syntax trees, each of its extensions costs every
request, and its bounds are numbers of trees, which take from ten kilobytes to a megabyte.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cachetools import LRUCache
from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, parse
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import validate_document

MAX_TOKENS: Final = 2_000
MOST_LETTERS: Final = 64 * 1024
"""Of all texts together. Their trees take about 70 times as much memory, and at most 300 times."""


@dataclass(slots=True)
class Document:
    """A syntax tree, the names of its operations, and what validation said of it once it was asked."""

    tree: DocumentNode
    operations: tuple[str, ...]
    size: int
    errors: list[GraphQLError] | None = None


class Documents:
    """What is known of documents, by their text. What was used least lately goes first."""

    def __init__(self, most_letters: int = MOST_LETTERS) -> None:
        self._most = most_letters
        self._known: LRUCache[str, Document] = LRUCache(most_letters, getsizeof=lambda each: each.size)

    def parsed(self, text: str) -> Document:
        """Raises GraphQLError."""
        known = self._known.get(text)
        if known is None:
            tree = parse(text, max_tokens=MAX_TOKENS)
            operations = (each for each in tree.definitions if isinstance(each, OperationDefinitionNode))
            names = tuple(each.name.value for each in operations if each.name)
            known = Document(tree, names, len(text))
            if known.size <= self._most:
                self._known[text] = known
        return known


class KnownDocuments(SchemaExtension):
    """For one request, which is the root value. A document of several operations needs a name of one."""

    def __init__(self, documents: Documents) -> None:
        super().__init__()
        self._documents = documents
        self._document: Document | None = None

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        self._document = self._documents.parsed(context.query or "")
        context.graphql_document = self._document.tree
        yield

    def on_validate(self) -> Iterator[None]:
        """Faults of the document itself come first."""
        context, document = self.execution_context, self._document
        if document is not None:
            if document.errors is None:
                rules = context.validation_rules
                document.errors = validate_document(context.schema._schema, document.tree, rules)  # noqa: SLF001
            context.pre_execution_errors = document.errors or self._unnamed(document)
            context.context.document = document.tree
        yield

    def _unnamed(self, document: Document) -> list[GraphQLError]:
        """Strawberry alone would run the first."""
        if len(document.operations) < 2 or getattr(self.execution_context.root_value, "operation_name", None):
            return []
        names = ", ".join(document.operations)
        message = f"The document has several operations. Say one as operationName: {names}."
        return [GraphQLError(message)]
