"""A response with holes: what stays the same between two hits is bytes, what differs is filled in.

Made of a response that strawberry and graphql-core made, so it is theirs to the byte: keys, order, aliases,
fragments. Only documents are taken of which nothing is in doubt.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final

import orjson
from graphql import DocumentNode

from resolvers.analytics import Answer, Source
from resolvers.body import Body
from schema.selected import Selected, selection_of


class Hole(Enum):
    """A field whose value another hit may tell otherwise, by its name."""

    DATA = "data"
    TOTALS = "totals"
    SUBTOTALS = "subtotals"
    ROWS = "totalRows"
    TRUNCATED = "truncated"
    AS_OF = "asOf"
    GROUP_COUNT = "groupCount"
    FROM_CACHE = "fromCache"
    SOURCE = "source"
    AGE = "ageMs"
    TOOK = "queryTimeMs"


OF_THE_HIT: Final = frozenset({Hole.AGE, Hole.TOOK})
"""What differs even when the same answer is shown again from the same place."""

_QUESTION: Final = "analytics"
_RESULT: Final = {each.value: each for each in (Hole.DATA, Hole.TOTALS, Hole.SUBTOTALS)}
_METADATA: Final = {each.value: each for each in Hole if each.value not in _RESULT}
_FOR_ADMINISTRATORS: Final = frozenset({"plan", "sql"})
_VALUES: Final[Mapping[Hole, Callable[[Body], bytes]]] = {
    Hole.DATA: lambda body: body.data,
    Hole.TOTALS: lambda body: body.totals,
    Hole.SUBTOTALS: lambda body: body.subtotals,
    Hole.ROWS: lambda body: orjson.dumps(body.rows),
    Hole.TRUNCATED: lambda body: orjson.dumps(body.truncated),
    Hole.AS_OF: lambda body: orjson.dumps(body.as_of.isoformat()),
    Hole.GROUP_COUNT: lambda body: orjson.dumps(body.group_count),
    Hole.FROM_CACHE: lambda _: b"true",
}
_MARK: Final = b"\x00"
"""Stands in no JSON: a control character is always escaped there."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Where a value of the answer to the question with this number goes."""

    question: int
    hole: Hole


Piece = bytes | Gap


@dataclass(frozen=True, slots=True)
class Template:
    """`keys` are the keys of the questions in the response, in their order.

    `types` are PostgreSQL's of each answer's columns: with others, `columns` would tell something else.
    """

    keys: tuple[str, ...]
    pieces: tuple[Piece, ...]
    types: tuple[tuple[str, ...], ...]

    def filled(
        self, bodies: Sequence[Body], sources: Sequence[Source], *, apart: int | None = None
    ) -> tuple[Piece, ...] | None:
        """What is left open when these answers are shown; None when they do not fit.

        The rows of the question with the number `apart` are, too, for those who have them in other forms.
        """
        if any(body.types != types for body, types in zip(bodies, self.types, strict=True)):
            return None
        return tuple(_joined(_of_answer(each, bodies, sources, apart) for each in self.pieces))


def template_of(
    document: DocumentNode, operation: str | None, data: Mapping[str, Any], answers: Mapping[str, Answer]
) -> Template | None:
    """Of a response without errors; None when it holds more than answers to `analytics`, or in doubt."""
    fields = selection_of(document, operation)
    if not fields or not fields.keys() == data.keys() == answers.keys():
        return None
    if not all(_is_taken(each) for each in fields.values()):
        return None
    marked = {key: _marked(fields[key], answer, number) for number, (key, answer) in enumerate(data.items())}
    text = orjson.dumps({"data": marked})
    return Template(tuple(data), tuple(_joined(_pieces(text))), tuple(answers[key].types for key in data))


def listed(templates: Sequence[Template]) -> Template:
    """Of a list of such responses."""
    pieces: list[Piece] = [b"["]
    offset = 0
    for template in templates:
        pieces += [b","] if offset else []
        pieces += (
            replace(each, question=each.question + offset) if isinstance(each, Gap) else each
            for each in template.pieces
        )
        offset += len(template.keys)
    pieces.append(b"]")
    keys = tuple(key for template in templates for key in template.keys)
    types = tuple(each for template in templates for each in template.types)
    return Template(keys, tuple(_joined(pieces)), types)


def _is_taken(field: Selected) -> bool:
    if field.name != _QUESTION:
        return False
    told = (each for each in field.fields.values() if each.name == "metadata")
    return not any(inner.name in _FOR_ADMINISTRATORS for each in told for inner in each.fields.values())


def _marked(field: Selected, answer: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The answer with marks in the place of what differs."""
    marked: dict[str, Any] = {}
    for key, value in answer.items():
        name = field.fields[key].name
        if name == "metadata":
            marked[key] = {
                inner: _mark(number, _METADATA.get(field.fields[key].fields[inner].name), told)
                for inner, told in value.items()
            }
        else:
            marked[key] = _mark(number, _RESULT.get(name), value)
    return marked


def _mark(number: int, hole: Hole | None, value: Any) -> Any:
    return (
        value if hole is None else orjson.Fragment(_MARK + b"%d %s" % (number, hole.value.encode()) + _MARK)
    )


def _pieces(text: bytes) -> Iterator[Piece]:
    """Every second part stands between two marks."""
    for place, part in enumerate(text.split(_MARK)):
        if place % 2:
            number, _, hole = part.decode().partition(" ")
            yield Gap(int(number), Hole(hole))
        else:
            yield part


def _of_answer(piece: Piece, bodies: Sequence[Body], sources: Sequence[Source], apart: int | None) -> Piece:
    if isinstance(piece, bytes) or piece.hole in OF_THE_HIT or _is_rows(piece, apart):
        return piece
    if piece.hole is Hole.SOURCE:
        return b'"%s"' % sources[piece.question].name.encode()
    body = bodies[piece.question]
    return _VALUES[piece.hole](body)


def _is_rows(gap: Gap, question: int | None) -> bool:
    return gap.hole is Hole.DATA and gap.question == question


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Neighbours that are bytes become one."""
    held: list[bytes] = []
    for piece in pieces:
        if isinstance(piece, bytes):
            held.append(piece)
            continue
        yield b"".join(held)
        held.clear()
        yield piece
    yield b"".join(held)
