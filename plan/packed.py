"""A statement whose rows PostgreSQL writes as JSON, all in one value.

Row by row the driver takes each value apart, and it is put together again as JSON: that is most of what a
large answer costs a service. PostgreSQL has the texts of the values at hand. What it writes is what the codec
of the resolvers writes, byte for byte, for those types of which that is so.

Functions are named with their schema: others may have made some of the same names. Rows are numbered and
gathered in the order in which the statement tells them: both are done as they come by, and nothing stands
between that could change their order.
"""

from collections.abc import Callable, Sequence
from itertools import chain, repeat
from typing import Final

import orjson

SAFE_INTEGER: Final = 2**53 - 1
"""Beyond it a JSON number is not the same in every language, so the integer travels as text."""

COLUMNS: Final = 3
"""What the one row of a packed statement tells: the bytes of JSON objects with commas between them, or null
where there is no row; how many rows there were; and the types of the values, or null likewise."""


def packed(text: str, keys: Sequence[str], types: Sequence[str], most: int) -> str | None:
    """A statement around that in `text`; None where a type is not among those of which it may be written.

    `keys` are those of the JSON objects, `types` PostgreSQL's names of the columns' types, in their order.
    `most` is the number of one more parameter: how many rows are shown at most.
    """
    if not all(each in _WRITTEN for each in types):
        return None
    values = [f"v{number}" for number in range(len(types))]
    members = (
        f"{_quoted(f'{before}{orjson.dumps(key).decode()}:')} || {_WRITTEN[kind](value)}"
        for before, key, kind, value in zip(chain("{", repeat(",")), keys, types, values, strict=False)
    )
    shown = f"{' || '.join(members)} || '}}'"
    kinds = f"pg_catalog.concat_ws(',', {', '.join(f'pg_catalog.pg_typeof({value})' for value in values)})"
    # What is put around the statement is made of keys, which are quoted, and of numbers.
    rows = f"(SELECT pg_catalog.row_number() OVER () AS n, * FROM ({text}) AS told({', '.join(values)}))"  # noqa: S608
    joined = f"pg_catalog.string_agg({shown}, ',') FILTER (WHERE n <= CAST(${most} AS BIGINT))"
    told = (
        f"pg_catalog.convert_to({joined}, 'UTF8')",
        "pg_catalog.count(*)",
        f"pg_catalog.min({kinds}) FILTER (WHERE n = 1)",
    )
    return f"SELECT {', '.join(told)} FROM {rows} AS numbered"  # noqa: S608


def types_told(types: Sequence[str]) -> str:
    """What a packed statement tells of its types, as long as they are the ones that it was written for."""
    return ",".join(_NAMES[each] for each in types)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _number(value: str) -> str:
    return f"coalesce({value}::text, 'null')"


def _large_number(value: str) -> str:
    return (
        f"CASE WHEN {value} BETWEEN {-SAFE_INTEGER} AND {SAFE_INTEGER} THEN {value}::text "
        f"ELSE {_plain_text(value)} END"
    )


def _plain_text(value: str) -> str:
    """Of a type whose texts have nothing to escape."""
    return f"""coalesce('"' || {value}::text || '"', 'null')"""


def _json(value: str) -> str:
    return f"coalesce(pg_catalog.to_json({value})::text, 'null')"


_WRITTEN: Final[dict[str, Callable[[str], str]]] = {
    "int2": _number,
    "int4": _number,
    "int8": _large_number,
    "numeric": _plain_text,
    "date": _plain_text,
    "text": _json,
    "varchar": _json,
    "bool": _json,
}
_NAMES: Final = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "numeric": "numeric",
    "date": "date",
    "text": "text",
    "varchar": "character varying",
    "bool": "boolean",
}
"""As PostgreSQL tells them when it is asked for the type of a value."""
