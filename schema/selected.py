"""Which fields a document asks for, by their keys in the response."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

MOST_VISITS: Final = 5_000
Selection: TypeAlias = Mapping[str, "Selected"]


@dataclass(frozen=True, slots=True)
class Selected:
    """The name of a field, and what is asked of its value. Fields of one key are one field."""

    name: str
    fields: dict[str, "Selected"] = field(default_factory=dict)


def selection_of(document: DocumentNode, operation: str | None) -> Selection | None:
    """Of a valid query; None for what is no query, and where a directive leaves in doubt what is asked."""
    collector = _Collector(document)
    for each in document.definitions:
        if isinstance(each, OperationDefinitionNode) and operation in {None, each.name and each.name.value}:
            if each.operation is not OperationType.QUERY or each.directives:
                return None
            found: dict[str, Selected] = {}
            collector.collect(each.selection_set, found, set())
            return None if collector.doubt else found
    return None


class _Collector:
    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self._visits = 0
        self.doubt = False

    def collect(self, selected: SelectionSetNode, found: dict[str, Selected], spread: set[str]) -> None:
        """Into `found`, with the fields of fragments in their place; each fragment once, as `spread` tells.

        Fields that stand there again and again may be visited very often: then there is doubt, too.
        """
        for each in selected.selections:
            self._visits += 1
            self.doubt = self.doubt or bool(each.directives) or self._visits > MOST_VISITS
            if self.doubt:
                return
            match each:
                case FieldNode():
                    self._collect_field(each, found)
                case InlineFragmentNode():
                    self.collect(each.selection_set, found, spread)
                case FragmentSpreadNode() if each.name.value not in spread:
                    spread.add(each.name.value)
                    fragment = self._fragments[each.name.value]
                    self.doubt = bool(fragment.directives)
                    self.collect(fragment.selection_set, found, spread)

    def _collect_field(self, field: FieldNode, found: dict[str, Selected]) -> None:
        key = field.alias.value if field.alias else field.name.value
        same = found.setdefault(key, Selected(field.name.value))
        if field.selection_set:
            self.collect(field.selection_set, same.fields, set())
