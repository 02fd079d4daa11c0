"""Columns of numbers and labels as PostgreSQL's binary COPY tuples, without a loop over rows.

A tuple is laid out as one packed record: a count of fields, then for each field a length and the
value. Numpy writes a whole column into its place at once. Where lengths differ, the record is as
wide as the longest, and a mask says which bytes count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from servery.demo.draw import Flags, Floats, Ints

_LENGTH = ">i4"
_LENGTH_BYTES = 4
_NULL = -1

# A numeric's header: three digits to the base of 10,000, of which two stand before the point;
# positive; two places shown. The server drops zero digits at both ends.
_MONEY_HEADER = int.from_bytes(b"".join(n.to_bytes(2, "big") for n in (3, 1, 0, 2)), "big")
_MONEY_BYTES = 14
_LARGEST_CENTS = 10**10


@dataclass(frozen=True, slots=True)
class Part:
    """Some bytes of every row: how they are stored, and one value for each row or one for all."""

    kind: str
    values: Ints | Floats | NDArray[np.void] | int

    @property
    def width(self) -> int:
        """How many bytes it takes in a row."""
        return np.dtype(self.kind).itemsize


@dataclass(frozen=True, slots=True)
class Field:
    """One column of `rows` rows, lengths included; without `keep`, all bytes count."""

    rows: int
    parts: tuple[Part, ...]
    keep: Flags | None = None

    @property
    def width(self) -> int:
        """How many bytes it takes in a row, those that do not count included."""
        return sum(part.width for part in self.parts)


@dataclass(frozen=True, slots=True)
class Labels:
    """Texts, encoded once with their lengths; the last one is null, where the place -1 finds it."""

    cells: NDArray[np.void]
    keep: Flags

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self:
        """Encode each text; a text's place is what rows name it by."""
        coded = [len(raw).to_bytes(_LENGTH_BYTES, "big") + raw for raw in (text.encode() for text in texts)]
        coded.append(_NULL.to_bytes(_LENGTH_BYTES, "big", signed=True))
        lengths = np.array([len(raw) for raw in coded])
        widest = int(lengths.max())
        cells = np.frombuffer(b"".join(raw.ljust(widest) for raw in coded), dtype=f"V{widest}")
        return cls(cells, np.arange(widest) < lengths[:, None])

    def at(self, places: Ints) -> Field:
        """Return the text at each place, null for -1."""
        return Field(len(places), (Part(self.cells.dtype.str, self.cells[places]),), self.keep[places])

    def each(self) -> Field:
        """Return every text once, in order."""
        return self.at(np.arange(len(self.cells) - 1))


def int4(values: Ints, *, absent: Flags | None = None) -> Field:
    """Encode an `int` column, or a `date` as days since 2000-01-01; null where `absent`."""
    return _fixed(Part(">i4", values), len(values), absent)


def int8(values: Ints, *, absent: Flags | None = None) -> Field:
    """Encode a `bigint`, or a `timestamptz` as microseconds since 2000-01-01 UTC; null where `absent`."""
    return _fixed(Part(">i8", values), len(values), absent)


def float8(values: Floats) -> Field:
    """Encode a `double precision` column."""
    return _fixed(Part(">f8", values), len(values), None)


def money(cents: Ints) -> Field:
    """Encode cents as a `numeric` with two places; they must be from 0 to below 100 million whole units."""
    if cents.size and not 0 <= int(cents.min()) <= int(cents.max()) < _LARGEST_CENTS:
        raise ValueError(f"Money from {cents.min()} to {cents.max()} cents does not fit three digits.")
    whole = cents // 100
    upper = whole // 10_000
    digits = (upper, whole - 10_000 * upper, 100 * (cents - 100 * whole))
    fixed = (Part(_LENGTH, _MONEY_BYTES), Part(">i8", _MONEY_HEADER))
    return Field(len(cents), fixed + tuple(Part(">i2", digit) for digit in digits))


def tuples(*fields: Field) -> bytes:
    """Return one tuple for each row of the fields, which all have the same number of rows."""
    parts = (Part(">i2", len(fields)), *(part for field in fields for part in field.parts))
    cells = np.empty(fields[0].rows, dtype=[(str(place), part.kind) for place, part in enumerate(parts)])
    for place, part in enumerate(parts):
        cells[str(place)] = part.values
    if all(field.keep is None for field in fields):
        return cells.tobytes()
    flat = cells.view(np.uint8).reshape(len(cells), cells.dtype.itemsize)
    return flat[_kept(fields, flat.shape)].tobytes()


def _kept(fields: Sequence[Field], shape: tuple[int, ...]) -> Flags:
    keep = np.ones(shape, dtype=np.bool_)
    end = 2
    for field in fields:
        start, end = end, end + field.width
        if field.keep is not None:
            keep[:, start:end] = field.keep
    return keep


def _fixed(value: Part, rows: int, absent: Flags | None) -> Field:
    if absent is None:
        return Field(rows, (Part(_LENGTH, value.width), value))
    lengths = np.where(absent, _NULL, value.width)
    counts = np.arange(_LENGTH_BYTES + value.width) < _LENGTH_BYTES
    return Field(rows, (Part(_LENGTH, lengths), value), counts | ~absent[:, None])
