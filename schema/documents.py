"""Documents that were executed before are neither parsed nor validated again, and some are prepared.

Instead of strawberry's own caches: they compare syntax trees, each extension costs every request, and their
bounds are numbers of trees, which take from ten kilobytes to a megabyte.
"""

from dataclasses import dataclass, field
from typing import Final

from cachetools import LRUCache
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    specified_rules,
)
from strawberry.schema.schema import validate_document

from schema.prepared import Prepared, prepared

MAX_TOKENS: Final = 2_000
MOST_LETTERS: Final = 64 * 1024
"""Of all texts together. Their trees take about 70 times as much memory, and at most 300 times; what is
prepared of them takes about 20 times as much, and at most 150 times."""


@dataclass(slots=True)
class Document:
    """A syntax tree, its operations, and what validation said of it once it was asked."""

    tree: DocumentNode
    operations: tuple[OperationDefinitionNode, ...]
    size: int
    _errors: list[GraphQLError] | None = None
    _asked: set[str | None] = field(default_factory=set)
    _prepared: dict[str | None, Prepared | None] = field(default_factory=dict)

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """The first of that name, or without a name the first."""
        for each in self.operations:
            if name is None or (each.name and each.name.value == name):
                return each
        return None

    def errors(self, schema: GraphQLSchema, name: str | None) -> list[GraphQLError]:
        """Whatever stands against executing the operation of that name. Faults of the document come first."""
        if self._errors is None:
            self._errors = validate_document(schema, self.tree, tuple(specified_rules))
        return self._errors or self._unnamed(name)

    def prepared(self, schema: GraphQLSchema, name: str | None) -> Prepared | None:
        """Of a valid document, from the second time on: many come once, as dates are written into them."""
        if name not in self._asked:
            self._asked.add(name)
            return None
        if name not in self._prepared:
            operation = self.operation(name)
            self._prepared[name] = prepared(schema, self.tree, operation) if operation else None
        return self._prepared[name]

    def _unnamed(self, name: str | None) -> list[GraphQLError]:
        """A document of several operations needs a name of one."""
        if len(self.operations) < 2 or name:
            return []
        names = ", ".join(each.name.value for each in self.operations if each.name)
        message = f"The document has several operations. Say one as operationName: {names}."
        return [GraphQLError(message)]


class Documents:
    """What is known of documents, by their text. What was used least lately goes first."""

    def __init__(self, most_letters: int = MOST_LETTERS) -> None:
        self._most = most_letters
        self._known: LRUCache[str, Document] = LRUCache(most_letters, getsizeof=lambda each: each.size)

    def parsed(self, text: str) -> Document:
        """Raises GraphQLError."""
        known = self._known.get(text)
        if known is None:
            tree = _parsed(text)
            operations = tuple(each for each in tree.definitions if isinstance(each, OperationDefinitionNode))
            known = Document(tree, operations, len(text))
            if known.size <= self._most:
                self._known[text] = known
        return known


def _parsed(text: str) -> DocumentNode:
    """The tree alone: its tokens are a chain both ways, and would live on until garbage is searched."""
    tree = parse(text, max_tokens=MAX_TOKENS)
    token = tree.loc.start_token if tree.loc else None
    while token:
        following = token.next
        token.prev = token.next = None
        token = following
    return tree
