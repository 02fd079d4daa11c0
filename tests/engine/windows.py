"""Metrics over several buckets: running, rolling, and to date."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from tests.engine.aggregates import quotient
from tests.engine.axis import Axis
from tests.engine.clock import Clock, Moment
from tests.engine.grouping import Groups, Key, KeyOf, Record, of_nothing, summarised
from tests.engine.question import Window


def add_windows(
    groups: Groups,
    windows: Iterable[Window],
    inside: Sequence[Record],
    ever: Sequence[Record],
    sight: "Sight",
) -> None:
    """`inside` are the rows of the range, `ever` those before it, too.

    So the first bucket is whole, also where the range begins within it, and the last one ends with the range.
    """
    for window in windows:
        records = inside if window.running else ever
        for key, values in groups.items():
            values[window.key] = sight.seen(window, key, records)


class Sight:
    """What a window sees from a group: the rows of the same group in its buckets."""

    def __init__(self, axis: Axis, place: KeyOf, bucket_of: KeyOf, clock: Clock) -> None:
        self._axis = axis
        self._place = place
        self._bucket_of = bucket_of
        self._clock = clock

    def seen(self, window: Window, key: Key, records: Sequence[Record]) -> Any:
        bucket = self._axis.bucket_of(key)
        if bucket is None:
            return None
        first = self._first(window, bucket)
        members = [each for each in records if self._is_seen(each, key, first, bucket)]
        found = summarised(members, lambda _: (), self._bucket_of, [window.metric], self._clock)
        value = found.get((), of_nothing([window.metric]))[window.metric]
        return quotient(value, Fraction(window.rolling)) if window.mean else value

    def _is_seen(self, record: Record, key: Key, first: Moment | None, last: Moment) -> bool:
        own = self._place(record)
        if own is None or self._axis.others(own) != self._axis.others(key):
            return False
        bucket = self._axis.bucket_of(own)
        return bucket is not None and (first is None or first <= bucket) and bucket <= last

    def _first(self, window: Window, bucket: Moment) -> Moment | None:
        """The first bucket that is seen; a running window has no first."""
        if window.running:
            return None
        if window.to_date:
            day = self._clock.day_bucket(self._clock.local(bucket).date(), window.to_date.lower())
            return self._clock.midnight(day) if isinstance(bucket, datetime) else day
        return self._axis.before(bucket, window.rolling - 1)
