"""How the executor shows values, for fields of which nothing but their values differs between requests."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
)
from graphql.pyutils import Undefined
from strawberry.schema.schema_converter import GraphQLCoreConverter

from schema.selected import Selection

Shown = Callable[[Any], Any]
"""What is shown of a value. Raises, if only Unshown, wherever the executor makes an error."""


class Doubtful(Exception):
    """Something of the document is left to the executor."""


class Unshown(Exception):
    """An answer that cannot be shown as it is: the executor makes errors of that, with their places."""


def shown_by(kind: GraphQLOutputType, selected: Selection) -> Shown:
    """Of values of this type, what is selected. Raises Doubtful."""
    match kind:
        case GraphQLNonNull():
            return _never_null(shown_by(kind.of_type, selected))
        case GraphQLList():
            return _list(shown_by(kind.of_type, selected))
        case GraphQLObjectType():
            return _object(kind, selected)
        case GraphQLScalarType() | GraphQLEnumType():
            return _leaf(kind)
        case _:
            raise Doubtful


def _never_null(inner: Shown) -> Shown:
    def shown(value: Any) -> Any:
        found = inner(value)
        if found is None:
            raise Unshown
        return found

    return shown


def _list(inner: Shown) -> Shown:
    return lambda value: None if value is None else [inner(each) for each in value]


def _leaf(kind: GraphQLLeafType) -> Shown:
    coerce = kind.coerce_output_value

    def shown(value: Any) -> Any:
        if value is None:
            return None
        found = coerce(value)
        if found is None or found is Undefined:
            raise Unshown
        return found

    return shown


def _object(kind: GraphQLObjectType, selected: Selection) -> Shown:
    fields = tuple((key, *_field(kind, each.name, each.fields)) for key, each in selected.items())

    def shown(value: Any) -> Any:
        return None if value is None else {key: show(read(value)) for key, read, show in fields}

    return shown


def _field(kind: GraphQLObjectType, name: str, selected: Selection) -> tuple[Callable[[Any], Any], Shown]:
    """How it is read from its parent, and shown."""
    if name == "__typename":
        return (lambda _: kind.name), (lambda value: value)
    field = kind.fields[name]
    return _reader_of(field), shown_by(field.type, selected)


def _reader_of(field: GraphQLField) -> Callable[[Any], Any]:
    """As strawberry does it for fields that need nothing but their parent. Raises Doubtful for others."""
    definition = field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
    resolver = definition.base_resolver
    if resolver is None:
        return attrgetter(definition.python_name)
    if resolver.info_parameter is None and not resolver.is_async and not field.args:
        return cast("Callable[[Any], Any]", resolver.wrapped_func)
    raise Doubtful
