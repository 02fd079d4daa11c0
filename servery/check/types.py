"""Whether types that the model declares, or that an aggregate needs, are those of the database."""

from collections.abc import Callable

from model.dimension import Dimension
from model.metric import Metric, MetricKind
from model.value import ValueType
from servery.check.declared import Piece
from servery.check.finding import Finding, error, path_of, warning

INTEGERS = frozenset({"int2", "int4", "int8"})
FLOATS = frozenset({"float4", "float8"})
NUMBERS = INTEGERS | FLOATS | {"numeric"}
TEXTS = frozenset({"text", "varchar", "bpchar", "name", "citext"})

FITTING: dict[ValueType, frozenset[str]] = {
    ValueType.STRING: TEXTS,
    ValueType.INTEGER: INTEGERS,
    ValueType.DECIMAL: INTEGERS | {"numeric"},
    ValueType.FLOAT: FLOATS,
    ValueType.BOOLEAN: frozenset({"bool"}),
    ValueType.UUID: frozenset({"uuid"}),
    ValueType.DATE: frozenset({"date"}),
    ValueType.TIMESTAMP: frozenset({"timestamp"}),
    ValueType.TIMESTAMPTZ: frozenset({"timestamptz"}),
}
OF_NUMBERS = {MetricKind.SUM, MetricKind.AVG, MetricKind.MEDIAN, MetricKind.PERCENTILE}


INSTANT = "timestamptz"
TIMES = frozenset({"date", "timestamp", INSTANT})


def comparable(left: str, right: str) -> bool:
    """Whether PostgreSQL compares the two types without a cast that is written down."""
    return left == right or any(left in kind and right in kind for kind in (NUMBERS, TEXTS))


def type_of_dimension(dimension: Dimension, found: str) -> Finding | None:
    """`found` is PostgreSQL's name of the type."""
    declared = dimension.type
    if found in FITTING[declared]:
        return None
    if declared is ValueType.INTEGER and found in NUMBERS and dimension.sql.column is None:
        return None  # the plan makes an integer of such a formula
    report: Callable[..., Finding] = warning if declared.is_number and found in NUMBERS else error
    message = f"'{dimension.name}' is declared {declared}, and '{dimension.sql.text}' is {found}."
    return report(path_of(dimension), message, _remedy(dimension, found))


def _remedy(dimension: Dimension, found: str) -> str:
    fitting = next((kind for kind, names in FITTING.items() if found in names), None)
    if fitting is ValueType.TIMESTAMP:
        return "Write 'type: timestamp', and 'zone' with the time zone whose clock it shows."
    if fitting is ValueType.DATE and dimension.type.is_time:
        return "Write 'type: date'; a date is never shifted by a time zone."
    if fitting:
        return f"Write 'type: {fitting}'."
    return f"Write 'sql: cast({dimension.sql.text} as text)', say; no type of a model is {found}."


def type_of_operand(metric: Metric, found: str) -> Finding | None:
    """What an aggregate of numbers is made of; the others take any type."""
    if metric.kind not in OF_NUMBERS or found in NUMBERS or metric.sql is None:
        return None
    message = (
        f"'{metric.name}' is a {metric.kind} over '{metric.sql.text}', which is {found} and not a number."
    )
    seconds = f"Write 'sql: extract(epoch from {metric.sql.text})' for seconds."
    numeric = f"Write 'sql: cast({metric.sql.text} as numeric)', or aggregate another column."
    return error(path_of(metric), message, seconds if found == "interval" else numeric)


def type_of_extreme(metric: Metric, found: str) -> Finding | None:
    """The least and the greatest are compared and told as what the model says they are."""
    wanted = frozenset({"timestamp"}) if metric.zone else FITTING[metric.value]
    if found in wanted or (metric.value is ValueType.DECIMAL and found in NUMBERS):
        return None
    report: Callable[..., Finding] = warning if metric.value.is_number and found in NUMBERS else error
    text = metric.sql.text if metric.sql else ""
    message = (
        f"'{metric.name}' is taken for {_article(metric.value)} {metric.value}, and '{text}' is {found}."
    )
    return report(path_of(metric), message, _remedy_of_extreme(metric, found))


def _article(kind: ValueType) -> str:
    return "an" if kind is ValueType.INTEGER else "a"


def _remedy_of_extreme(metric: Metric, found: str) -> str:
    fitting = next((kind for kind, names in FITTING.items() if found in names), None)
    if fitting is ValueType.TIMESTAMP:
        return (
            "Declare a dimension of it with 'type: timestamp', and 'zone' with the zone whose clock it shows."
        )
    if fitting:
        return f"Write 'value_type: {fitting}'."
    text = metric.sql.text if metric.sql else ""
    return f"Write 'sql: cast({text} as text)' and 'value_type: string', say; no type of a model is {found}."


def type_of_condition(piece: Piece, found: str) -> Finding | None:
    """Segments and row filters are true for some rows."""
    if found == "bool":
        return None
    title = piece.title[:1].upper() + piece.title[1:]
    message = f"{title} is '{piece.sql.text}', which is {found} and neither true nor false."
    return error(piece.path, message, "Compare it with something.")
