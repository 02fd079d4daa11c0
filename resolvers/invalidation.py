"""What a change outdates: the tags to set, so that no answer that the change may touch stays good.

The other side of `resolvers.depends`: an answer carries the smallest pieces that hold all it depends on, a
change sets every piece that its rows lie in.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from model.dimension import Dimension
from model.faults import Fault, did_you_mean, shown, similar
from model.filters import Condition, Op
from model.model import Model
from model.table import Table
from model.value import ValueType
from plan.values import typed
from resolvers.cover import pieces_told, pieces_with
from resolvers.tags import ANY, LONGEST_TAG, date_tag, rows_tag, table_tag, tenant_tag, text_of, value_tag

MOST_TAGS: Final = 100
FORMS: Final = (
    "Write table:<table>, table:<table>@2026-01 (or @2026, @2026-01-15), date:2026-01 (or 2026, 2026-01-15), "
    "<dimension>:<value> or tenant:<name>."
)
BOOLEANS: Final = {"true": True, "false": False}


def changed(table: str, months: Iterable[date] | None) -> tuple[str, ...]:
    """The tags to set when rows of a table of the model changed: in these months, or in any when None.

    A row's month is that of the table's own time, in the model's zone (a date has none: as it stands). An
    update is in two months, that of the row as it was and as it is. Rows without a time are in no month.
    Where a table of the database is several of the model (`same_rows`), all of them changed.
    """
    if months is None:
        return (table_tag(table),)
    pieces = {ANY}.union(*map(pieces_with, months))
    return tuple(sorted(rows_tag(table, piece) for piece in pieces))


def same_rows(model: Model, table: str) -> tuple[str, ...]:
    """The tables of the model that are this one in the database, itself among them."""
    source = model.tables[table].source
    return tuple(name for name, each in model.tables.items() if _is_same(each.source, source))


def _is_same(source: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """A name without a schema may mean that of any schema."""
    return source == other or (source[-1] == other[-1] and len(source) != len(other))


def expanded(model: Model, tags: Sequence[str]) -> tuple[str, ...]:
    """The tags to set for those that a person named. Raises INVALID_TAG, which names the first wrong one."""
    if not tags:
        raise Fault("INVALID_TAG", f"No tag is named. {FORMS}")
    if len(tags) > MOST_TAGS:
        message = f"{len(tags)} tags are named, and the most is {MOST_TAGS}. Name fewer, or whole tables."
        raise Fault("INVALID_TAG", message, max=MOST_TAGS, asked=len(tags))
    return tuple(sorted({each for tag in tags for each in _expanded(model, tag)}))


def _expanded(model: Model, tag: str) -> set[str]:
    """A dimension may be called `table`, `date` or `tenant`, too: then all that may be meant is set."""
    if len(tag) > LONGEST_TAG:
        message = f"The tag '{shown(tag)}' has {len(tag)} letters; the most is {LONGEST_TAG}."
        raise Fault("INVALID_TAG", f"{message} {FORMS}", tag=tag)
    kind, _, told = tag.partition(":")
    found = {*_of_value(model, kind, told)}
    match kind:
        case "table":
            found.update(_of_table(model, told))
        case "date":
            found.update(map(date_tag, pieces_told(told)))
        case "tenant" if _is_name(told):
            found.add(tenant_tag(told))
    if not found:
        raise _invalid(model, tag)
    return found


def _of_table(model: Model, told: str) -> Iterator[str]:
    name, mark, when = told.partition("@")
    pieces = pieces_told(when)
    if name not in model.tables or (mark and not pieces):
        return
    for each in same_rows(model, name):
        if mark and _is_timed_alike(model, model.tables[name], model.tables[each]):
            yield from (rows_tag(each, piece) for piece in pieces)
        else:
            yield table_tag(each)


def _is_timed_alike(model: Model, table: Table, other: Table) -> bool:
    """Whether the months of the one are those of the other."""
    here, there = model.time_of(table.name), model.time_of(other.name)
    if table is other or here is None or there is None:
        return table is other
    return (here.sql, here.type, here.zone) == (there.sql, there.type, there.zone)


def _of_value(model: Model, name: str, told: str) -> Iterator[str]:
    dimension = model.dimensions.get(name)
    text = _value_text(dimension, told) if dimension else None
    if text is not None:
        yield value_tag(name, text)
        yield value_tag(name, ANY)


def _value_text(dimension: Dimension, told: str) -> str | None:
    """The value as answers write it; none when the dimension has no such value."""
    if dimension.type.is_time or not _is_name(told):
        return None
    value = BOOLEANS.get(told, told) if dimension.type is ValueType.BOOLEAN else told
    try:
        (found,) = typed(Condition(dimension.name, Op.EQ, (value,)), dimension.type).values
    except Fault:
        return None
    return text_of(found, dimension.type) if found is not None else None


def _is_name(told: str) -> bool:
    """Whether it is text that Redis and PostgreSQL hold, and names one thing."""
    return told not in {"", ANY} and not any(mark == "\0" or "\ud800" <= mark <= "\udfff" for mark in told)


def _invalid(model: Model, tag: str) -> Fault:
    """What is wrong with a tag that sets nothing."""
    kind, mark, told = tag.partition(":")
    if not mark:
        what = f"'{shown(tag)}' is no tag: it has no colon." if tag else "The empty text is no tag."
        # A table is easily named without what it is.
        suggestions = [table_tag(name) for name in similar(tag, model.tables)]
        hint = did_you_mean(suggestions) or f" {FORMS}"
        return Fault("INVALID_TAG", f"{what}{hint}", tag=tag, suggestions=suggestions)
    if kind == "table":
        return _invalid_table(model, tag, told)
    if kind == "date":
        return Fault("INVALID_TAG", f"'{shown(tag)}' is no day, month or year. {FORMS}", tag=tag)
    if kind in model.dimensions:
        return _invalid_value(model.dimensions[kind], tag, told)
    if kind == "tenant":
        return Fault("INVALID_TAG", f"'{shown(tag)}' names no tenant. {FORMS}", tag=tag)
    names = [name for name, each in model.dimensions.items() if not each.type.is_time]
    suggestions = [f"{name}:{told}" for name in similar(kind, [*names, "table", "date", "tenant"])]
    hint = did_you_mean(map(shown, suggestions)) or f" {FORMS}"
    message = f"'{shown(tag)}' is no tag: there is no dimension called '{shown(kind)}'.{hint}"
    return Fault("INVALID_TAG", message, tag=tag, suggestions=suggestions)


def _invalid_table(model: Model, tag: str, told: str) -> Fault:
    name, _, when = told.partition("@")
    if name in model.tables:
        remedy = f"Write @2026, @2026-01 or @2026-01-15 behind it, or {table_tag(name)} for all rows."
        message = f"'{shown(tag)}' names no day, month or year: '{shown(when)}'. {remedy}"
        return Fault("INVALID_TAG", message, tag=tag, suggestions=[table_tag(name)])
    behind = f"@{when}" if pieces_told(when) else ""
    suggestions = [f"{table_tag(each)}{behind}" for each in similar(name, model.tables)]
    hint = did_you_mean(suggestions) or f" Tables of the model: {', '.join(sorted(model.tables)[:30])}."
    message = f"'{shown(tag)}' is no tag: the model has no table '{shown(name)}'.{hint}"
    return Fault("INVALID_TAG", message, tag=tag, suggestions=suggestions)


def _invalid_value(dimension: Dimension, tag: str, told: str) -> Fault:
    if dimension.type.is_time:
        what = f"'{shown(tag)}' is no tag: '{dimension.name}' is a time."
        remedy = "Clear by date:2026-01, or by rows of a table: table:<table>@2026-01."
        return Fault("INVALID_TAG", f"{what} {remedy}", tag=tag)
    if told in {"", ANY}:
        remedy = f"Name a value, or clear the table that it is read from: {table_tag(dimension.table)}."
        return Fault("INVALID_TAG", f"'{shown(tag)}' names no value of '{dimension.name}'. {remedy}", tag=tag)
    message = f"'{shown(told)}' is not a value of '{dimension.name}', which is {dimension.type}"
    return Fault("INVALID_TAG", f"{message} (in '{shown(tag)}').", tag=tag)
