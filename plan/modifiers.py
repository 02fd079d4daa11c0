"""What may be asked beside metrics and dimensions, in one form: shares, top, subtotals, windows, fill."""

from dataclasses import replace
from datetime import timedelta

from model.dates import Interval
from model.faults import Fault
from model.grain import Grain, split_grain
from model.metric import Metric, MetricKind
from model.model import Model
from model.query import Query, Share, Top, Window
from plan.axis import axis_names, axis_of, axis_parts
from plan.limits import Limits
from plan.positions import bucket_count, first_bucket, last_bucket
from plan.ranges import zone_of

SHARED = {MetricKind.SUM, MetricKind.COUNT, MetricKind.COUNT_DISTINCT, MetricKind.DERIVED}
MOST_ROLLED = 1_000
MOST_FILLED = 100_000


def normal_modifiers(model: Model, query: Query, limits: Limits) -> Query:
    """Each checked, made explicit and put in order. Raises Fault for what has no meaning in this question."""
    shares = normal_shares(model, query.shares, query.dimensions)
    query = replace(
        query,
        shares=shares,
        subtotals=_subtotals(query),
        windows=tuple(sorted(set(query.windows), key=lambda window: window.name)),
    )
    query = replace(query, top=_top(model, query, query.top, limits)) if query.top else query
    _check_windows(model, query)
    _check_compare(model, query)
    _check_fill(model, query)
    return query


def normal_shares(model: Model, shares: tuple[Share, ...], dimensions: tuple[str, ...]) -> tuple[Share, ...]:
    """Each share once, sorted. Raises INVALID_SHARE for what is no part of a whole, or has no groups."""
    found: dict[str, Share] = {}
    for share in shares:
        _check_share(model, share, dimensions)
        normal = Share(share.metric, tuple(name for name in dimensions if name in share.within))
        if found.setdefault(share.metric, normal) != normal:
            message = (
                f"The share of '{share.metric}' is asked for twice. Ask for one of them in another question."
            )
            raise Fault("INVALID_SHARE", message, metric=share.metric)
    return tuple(found[name] for name in sorted(found))


def _check_share(model: Model, share: Share, dimensions: tuple[str, ...]) -> None:
    metric = model.metric(share.metric)
    if metric.kind not in SHARED:
        message = (
            f"'{metric.name}' is a {metric.kind}: its groups are no parts of a whole, so it has no share."
        )
        raise Fault("INVALID_SHARE", message, metric=metric.name)
    if missing := [name for name in share.within if name not in dimensions]:
        message = f"The share of '{metric.name}' is within '{missing[0]}', which is not in 'dimensions'."
        raise Fault("INVALID_SHARE", message, metric=metric.name, dimension=missing[0])
    if len(set(share.within)) == len(dimensions):
        message = f"The share of '{metric.name}' is of the group itself. Add another dimension."
        raise Fault("INVALID_SHARE", message, metric=metric.name)


def _subtotals(query: Query) -> tuple[tuple[str, ...], ...]:
    """Each once, its names in the order of the dimensions. Raises INVALID_SUBTOTALS."""
    for names in query.subtotals:
        if missing := [name for name in names if name not in query.dimensions]:
            message = f"A subtotal is by '{missing[0]}', which is not in 'dimensions'. Add it there."
            raise Fault("INVALID_SUBTOTALS", message, dimension=missing[0])
        if not names or set(names) == set(query.dimensions):
            what = "of everything; ask for 'totals'" if not names else "of the groups themselves"
            message = f"A subtotal by [{', '.join(names)}] would be {what}. Name some of the dimensions."
            raise Fault("INVALID_SUBTOTALS", message)
    ordered = (tuple(name for name in query.dimensions if name in names) for names in query.subtotals)
    return tuple(dict.fromkeys(ordered))


def _top(model: Model, query: Query, top: Top, limits: Limits) -> Top:
    """With `of` made explicit, and `within` in the order of the dimensions. Raises INVALID_TOP."""
    model.metric(top.by)
    if not 1 <= top.n <= limits.rows:
        raise Fault("INVALID_TOP", f"top.n is {top.n}; it must lie between 1 and {limits.rows}.", n=top.n)
    of = top.of or _ranked_dimension(query)
    for name in (of, *top.within):
        if name not in query.dimensions:
            message = f"top names '{name}', which is not in 'dimensions'. Add it there."
            raise Fault("INVALID_TOP", message, dimension=name)
    if of in top.within:
        message = f"top ranks '{of}' within itself. Leave it out of 'within'."
        raise Fault("INVALID_TOP", message, dimension=of)
    return replace(top, of=of, within=tuple(name for name in query.dimensions if name in top.within))


def _ranked_dimension(query: Query) -> str:
    top = query.top
    within = top.within if top else ()
    names = [
        name
        for name in query.dimensions
        if name not in within and not isinstance(split_grain(name)[1], Grain)
    ]
    if len(names) != 1:
        several = f"it could be any of {', '.join(names)}" if names else "there are only grains of time"
        message = f"top does not say 'of' which dimension, and {several}. Say one."
        raise Fault("INVALID_TOP", message, validDimensions=list(query.dimensions))
    return names[0]


def _check_windows(model: Model, query: Query) -> None:
    for window in query.windows:
        metric = model.metric(window.metric)
        axis = axis_of(model, query)
        if axis is None:
            message = (
                f"A window of '{metric.name}' runs along one grain of time. Add one, such as 'time__day'."
            )
            raise Fault("INVALID_WINDOW", message, metric=metric.name)
        if window.rolling is not None and not 1 <= window.rolling <= MOST_ROLLED:
            message = f"rolling is {window.rolling} buckets; it must lie between 1 and {MOST_ROLLED}."
            raise Fault("INVALID_WINDOW", message, metric=metric.name, max=MOST_ROLLED)
        _check_unit(window, axis[1])
        _check_mean(window, metric)


def _check_mean(window: Window, metric: Metric) -> None:
    if window.mean and (window.rolling is None or metric.kind not in {MetricKind.SUM, MetricKind.COUNT}):
        message = (
            f"mean divides the rolling sum of '{metric.name}' by its buckets: it goes with 'rolling', and "
            f"with a sum or a count, not with a {metric.kind}. Leave it out."
        )
        raise Fault("INVALID_WINDOW", message, metric=metric.name)


def _check_unit(window: Window, grain: Grain) -> None:
    if window.to_date and grain is Grain.WEEK:
        message = (
            f"toDate {window.to_date.name} along weeks is refused: a week may begin in one "
            f"{window.to_date} and end in the next. Use 'time__day'."
        )
        raise Fault("INVALID_WINDOW", message, metric=window.metric)
    order = list(Grain)
    if window.to_date and order.index(window.to_date) <= order.index(grain):
        message = f"toDate {window.to_date.name} is not coarser than the buckets, which are by {grain}."
        raise Fault("INVALID_WINDOW", message, metric=window.metric)


def _check_compare(model: Model, query: Query) -> None:
    if query.compared_with is None:
        return
    if not query.metrics:
        raise Fault("INVALID_COMPARE", "compare needs metrics: values alone do not change. Add one.")
    if len(axis_names(model, query)) > 1:
        message = "compare puts buckets side by side, so the question has one grain of time at most."
        raise Fault("INVALID_COMPARE", message, dimensions=list(axis_names(model, query)))
    _check_no_parts(model, query, "compare", "INVALID_COMPARE")
    for name in query.dimensions:
        if name in model.dimensions and model.dimensions[name].type.is_time:
            message = f"compare needs buckets to put side by side. Use a grain: '{name}__day'."
            raise Fault("INVALID_COMPARE", message, dimension=name)


def _check_hours(query: Query, name: str, grain: Grain) -> None:
    """Where clocks change by half an hour, hours of one range lie between those of the other."""
    if grain is not Grain.HOUR:
        return
    zone, ranges = zone_of(query.timezone), (query.interval, query.compared_with)
    ends = [moment for each in ranges if each for moment in (each.start, each.end) if moment]
    offsets = {(moment.astimezone(zone).utcoffset() or timedelta()) % timedelta(hours=1) for moment in ends}
    if len(offsets) > 1:
        message = (
            f"The clocks of '{query.timezone}' change by half an hour here, so hours do not "
            "stand side by side. Use 'time__minute_30' or 'time__day'."
        )
        raise Fault("INVALID_COMPARE", message, dimension=name)


def _check_no_parts(model: Model, query: Query, what: str, code: str) -> None:
    """A part of time beside a grain follows from the bucket, which is made up or moved."""
    axis, parts = axis_of(model, query), axis_parts(model, query)
    if axis and parts:
        message = (
            f"With {what}, '{parts[0]}' beside '{axis[0]}' would meet buckets that it does not belong to."
        )
        raise Fault(code, f"{message} Leave one of them out.", dimension=parts[0])


def _check_fill(model: Model, query: Query) -> None:
    if not query.fill:
        return
    axis, names = axis_of(model, query), axis_names(model, query)
    if axis is None:
        remedy = f"Keep one of {', '.join(names)}." if names else "Add one, such as 'time__day'."
        raise Fault("INVALID_FILL", f"fill adds buckets of one grain of the metrics' time. {remedy}")
    _check_no_parts(model, query, "fill", "INVALID_FILL")


def check_ranges(model: Model, query: Query) -> None:
    """Raises Fault for ranges with which the modifiers of a question in its normal form have no meaning."""
    axis = axis_of(model, query) if query.fill or query.compared_with else None
    if axis is None:
        return
    if query.compared_with:
        _check_hours(query, *axis)
    if query.fill and query.interval:
        _check_count(model, query, query.interval, axis[1])


def _check_count(model: Model, query: Query, interval: Interval, grain: Grain) -> None:
    zone = zone_of(query.timezone)
    first = first_bucket(interval, grain, zone, model.week_start)
    last = last_bucket(interval, grain, zone, model.week_start)
    count = bucket_count(first, last, grain) if first and last else 0
    if count > MOST_FILLED:
        message = (
            f"fill would add {count} buckets of {grain}; the most is {MOST_FILLED}. Ask for a shorter range."
        )
        raise Fault("LIMIT_EXCEEDED", message, max=MOST_FILLED, asked=count)
