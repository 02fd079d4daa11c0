"""One text for equal values, and never one text for different ones.

Strings, booleans, null and lists are themselves in JSON. Every other type is an object of
one tag, and so is a mapping, so that no string and no mapping can imitate a date or a number.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final, TypeAlias
from uuid import UUID

import orjson

Json: TypeAlias = "str | bool | list[Json] | dict[str, Json] | orjson.Fragment | None"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DEEPEST = 64
_ITSELF: Final = frozenset({str, bool, type(None)})
"""What most values of a question are. They are told apart where they stand, before anything is called."""

_PLAIN = 10**18  # beyond, str() of an int grows slow and is refused in the end


class Unkeyable(TypeError):
    """A value that has no place in a key."""


class Encoded:
    """A value that is written already, for texts that have it in common."""

    __slots__ = ("json", "text")

    def __init__(self, value: object) -> None:
        self.text = canonical_text(value)
        self.json = orjson.Fragment(self.text)


def canonical_text(value: object) -> bytes:
    """The UTF-8 text of `value`: the same for equal values, different for different ones."""
    return _text(_encode(value, 0))


def _text(encoded: Json) -> bytes:
    try:
        return orjson.dumps(encoded, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as fault:
        # A pair of lone surrogates would otherwise be written like the one character it imitates.
        raise Unkeyable(f"A text is not valid Unicode: {fault}.") from fault


def _encode(value: object, depth: int) -> Json:
    if type(value) is str or value is None or value is True or value is False:
        return value
    encode = _SCALARS.get(type(value))
    return _nested(value, depth + 1) if encode is None else encode(value)


def _nested(value: object, depth: int) -> Json:
    if depth > _DEEPEST:
        raise Unkeyable(f"The value is nested deeper than {_DEEPEST} levels.")
    if type(value) is tuple:  # most are, and need not be asked for all else that they are not
        return _list(value, depth)
    if type(value) is dict:
        return {"mapping": _mapping(value, depth)}
    return _other(value, depth)


def _other(value: object, depth: int) -> Json:
    if isinstance(value, Enum):  # first, because it may be a text or a number as well
        return _encode(value.value, depth)
    if isinstance(value, Mapping):
        return {"mapping": _mapping(value, depth)}
    if isinstance(value, AbstractSet):
        return {"set": _set(value, depth)}
    if isinstance(value, list | tuple):
        return _list(value, depth)
    for kind, encode in _SCALARS.items():
        if isinstance(value, kind):
            return encode(value)
    raise Unkeyable(f"A value of type {type(value).__name__} cannot be part of a key: {value!r}.")


def _string(value: str) -> str:
    # As it is: PostgreSQL tells composed and decomposed letters apart, so they are two questions.
    return value


def _mapping(value: Mapping[Any, Any], depth: int) -> dict[str, Json]:
    encoded: dict[str, Json] = {}
    for name, item in value.items():
        text = name if type(name) is str else _encode(name, depth)
        if not isinstance(text, str):
            raise Unkeyable(f"The names of a mapping must be text, not {name!r}.")
        if text in encoded:
            raise Unkeyable(f"A mapping has two names that are the same text: {name!r}.")
        kind = type(item)
        if kind in _ITSELF:
            encoded[text] = item
        else:
            encoded[text] = item.json if kind is Encoded else _encode(item, depth)
    return encoded


def _list(value: Sequence[Any], depth: int) -> list[Json]:
    return [item if type(item) in _ITSELF else _encode(item, depth) for item in value]


def _set(value: AbstractSet[object], depth: int) -> list[Json]:
    # Two texts that differ only in their composition are one member, hence the dict.
    by_text = {_text(member): member for member in (_encode(item, depth) for item in value)}
    return [by_text[text] for text in sorted(by_text)]


def _number(value: float | Decimal) -> Json:
    number = value if isinstance(value, Decimal) else Decimal(value)
    if not number.is_finite():
        raise Unkeyable(f"{value!r} cannot be part of a key: it is no number that a value can equal.")
    # Decimal.normalize() rounds to the context's precision; the digits themselves do not.
    sign, digits, exponent = number.as_tuple()
    return _scientific("".join(map(str, digits)), int(exponent), negative=bool(sign))


def _integer(value: int) -> Json:
    if abs(value) < _PLAIN:
        return _scientific(str(abs(value)), 0, negative=value < 0)
    return _number(Decimal(value))


def _scientific(digits: str, exponent: int, *, negative: bool) -> Json:
    significant = digits.strip("0")
    if not significant:
        return {"number": "0"}
    shift = exponent + len(digits) - len(digits.rstrip("0"))
    return {"number": f"{'-' if negative else ''}{significant}e{shift}"}


def _datetime(value: datetime) -> Json:
    if value.utcoffset() is None:
        return {"local": value.replace(tzinfo=None).isoformat()}
    # Counted, not converted: a conversion to UTC overflows at both ends of the calendar.
    return {"instant": str((value - _EPOCH) // _MICROSECOND)}


def _time(value: time) -> Json:
    if value.tzinfo is not None:
        raise Unkeyable(f"A time of day with a zone has no instant and cannot be part of a key: {value!r}.")
    return {"time": value.isoformat()}


_SCALARS: dict[type, Callable[..., Json]] = {
    str: _string,
    int: _integer,
    float: _number,
    Decimal: _number,
    datetime: _datetime,  # before date, whose subclass it is
    date: lambda value: {"date": value.isoformat()},
    time: _time,
    timedelta: lambda value: {"duration": str(value // _MICROSECOND)},
    UUID: lambda value: {"uuid": value.hex},
    bytes: lambda value: {"bytes": value.hex()},
    Encoded: lambda value: value.json,
}
