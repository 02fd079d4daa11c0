"""Whether a moment, of which a semi-additive metric takes the last, has one row for each of its `per`."""

from collections.abc import AsyncIterator

from sqlglot import exp

from model.dimension import Place
from model.expression import Sql
from model.metric import Metric, Snapshot
from model.model import Model
from plan.aggregates import measured
from plan.identifiers import column, table
from servery.check.catalog import Catalog
from servery.check.declared import path_of_snapshot
from servery.check.finding import Finding, warning
from servery.check.looks import Looks, Unknown, bare, is_not_null, number, statement
from servery.check.probe import Probe


async def moments_of_several_rows(
    model: Model, catalog: Catalog, probe: Probe, looks: Looks
) -> AsyncIterator[Finding]:
    """Where `per` is left out, all rows of a moment are meant."""
    for metric in model.metrics.values():
        snapshot = metric.snapshot
        if snapshot is None or not snapshot.per or metric.table is None or _looks_up(model, metric):
            continue
        columns = moment_columns(snapshot)
        relation = catalog.holding(metric.table, columns)
        if relation and not relation.keeps_unique(columns):
            rows = _rows(model, metric, metric.table, probe, columns)
            one = exp.select(_count("found"), copy=False)
            several = _several(rows.limit(looks.most_rows), columns).subquery("several", copy=False)
            found = await looks.first(one.from_(several, copy=False))
            if found and not isinstance(found, Unknown) and found[0]:
                yield _told(metric, relation.title, found[0], statement(_several(rows, columns)))


def moment_columns(snapshot: Snapshot) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*snapshot.per, snapshot.over)))


def _looks_up(model: Model, metric: Metric) -> bool:
    """Whether other tables say which rows count."""
    return any(model.dimensions[name].place != (metric.table, ()) for name, _ in metric.only)


def _rows(model: Model, metric: Metric, name: str, probe: Probe, columns: tuple[str, ...]) -> exp.Select:
    """Those that count."""

    def write(sql: Sql, _: Place) -> exp.Expr:
        return probe.written(sql, name)

    found = exp.select(*(column(name, each) for each in columns), copy=False)
    found = found.from_(table(model.tables[name], name), copy=False)
    condition = measured(model, metric, write).condition
    conditions = [is_not_null(column(name, columns[-1])), *([condition] if condition else [])]
    return found.where(*conditions, copy=False)


def _several(rows: exp.Select, columns: tuple[str, ...]) -> exp.Select:
    """The moments that have more than one of the rows."""
    found = exp.select(*map(bare, columns), _count("times"), copy=False)
    found = found.from_(rows.subquery("counted", copy=True), copy=False)
    found = found.group_by(*map(bare, columns), copy=False)
    more = exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1))
    return found.having(more, copy=False)


def _count(name: str) -> exp.Expr:
    return exp.alias_(exp.Count(this=exp.Star()), name, quoted=True)


def _told(metric: Metric, title: str, count: int, all_of_them: str) -> Finding:
    names = ", ".join(moment_columns(metric.snapshot)) if metric.snapshot else ""
    has = "has" if count == 1 else "have"
    message = (
        f"{number(count, 'value', 'values')} of ({names}) in {title} {has} several rows; "
        f"'{metric.name}' adds up the rows of one moment."
    )
    remedy = "Name in 'per' all that has a last moment of its own, unless that is meant; this finds them."
    return warning(path_of_snapshot(metric), message, remedy, all_of_them)
