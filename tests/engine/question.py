"""A question to the shop, and its variables in GraphQL."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from tests.engine.measures import aggregates_of, tables_of

Tree = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Share:
    metric: str
    within: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.metric}__share"


@dataclass(frozen=True, slots=True)
class Top:
    n: int
    by: str
    of: str
    others: bool = False
    within: tuple[str, ...] = ()
    direction: str = "DESC"


@dataclass(frozen=True, slots=True)
class Window:
    """One of the three is given; a rolling one may be divided by its buckets."""

    metric: str
    running: bool = False
    rolling: int = 0
    to_date: str = ""
    mean: bool = False

    @property
    def key(self) -> str:
        if self.running:
            return f"{self.metric}__running"
        if self.rolling:
            return f"{self.metric}__rolling_{'mean_' if self.mean else ''}{self.rolling}"
        return f"{self.metric}__{self.to_date.lower()}_to_date"


@dataclass(frozen=True, slots=True, repr=False)
class Question:
    """What is empty is not asked."""

    metrics: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    filters: Tree | None = None
    having: Tree | None = None
    segments: tuple[str, ...] = ()
    search: str | None = None
    date_range: Tree | None = None
    timezone: str | None = None
    order_by: tuple[tuple[str, str], ...] = ()
    limit: int | None = None
    offset: int | None = None
    totals: bool = False
    shares: tuple[Share, ...] = ()
    fill: bool = False
    compare: Tree | None = None
    top: Top | None = None
    subtotals: tuple[tuple[str, ...], ...] = ()
    windows: tuple[Window, ...] = ()
    fanout: str | None = None
    group_count: bool = False

    def __repr__(self) -> str:
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        told = ", ".join(f"{name}={value!r}" for name, value in given.items() if _is_asked(value))
        return f"Question({told})"

    @property
    def variables(self) -> dict[str, Any]:
        """Only what is asked."""
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        return {_camel(name): _written(value) for name, value in given.items() if _is_asked(value)}

    @property
    def needed(self) -> frozenset[str]:
        """The metrics that are shown, or that decide which groups are shown, or in which order.

        A window adds a key, but never a group.
        """
        ordered = [name.partition("__")[0] for name, _ in self.order_by if name not in self.dimensions]
        shared = [share.metric for share in self.shares]
        ranked = [self.top.by] if self.top else []
        return frozenset({*self.metrics, *metrics_in(self.having), *ordered, *shared, *ranked})

    @property
    def tables(self) -> frozenset[str]:
        """The tables whose rows are aggregated."""
        return frozenset().union(*map(tables_of, self.needed))

    @property
    def exact(self) -> bool:
        return all(each.exact for name in self.needed for each in aggregates_of(name).values())


def metrics_in(tree: Tree | None) -> frozenset[str]:
    """The metrics that a having speaks of."""
    found: set[str] = set()
    for name, told in (tree or {}).items():
        if name in {"and", "or"}:
            found.update(*map(metrics_in, told))
        else:
            found |= metrics_in(told) if name == "not" else {name}
    return frozenset(found)


def _is_asked(value: object) -> bool:
    return value is not None and value is not False and value != ()


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def _written(value: Any) -> Any:
    """Records as objects, orders as objects."""
    match value:
        case Share():
            return {"metric": value.metric, "within": list(value.within)}
        case Top():
            return {
                "n": value.n,
                "by": value.by,
                "of": value.of,
                "others": value.others,
                "within": list(value.within),
                "direction": value.direction,
            }
        case Window():
            return _written_window(value)
        case (str() as name, ("ASC" | "DESC") as direction):
            return {"name": name, "direction": direction}
        case tuple():
            return [_written(each) for each in value]
    return value


def _written_window(window: Window) -> dict[str, Any]:
    kinds = {
        "running": window.running,
        "rolling": window.rolling,
        "toDate": window.to_date,
        "mean": window.mean,
    }
    return {"metric": window.metric, **{kind: value for kind, value in kinds.items() if value}}
