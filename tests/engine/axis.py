"""The one grain of time of a question: which buckets its range has, and what stands beside what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.engine.clock import MINUTES, Clock, Moment
from tests.engine.dimensions import base_of, is_grain, own_times
from tests.engine.grouping import Key
from tests.engine.ranges import Range


@dataclass(frozen=True, slots=True)
class Axis:
    """`place` is where the grain stands among the dimensions."""

    place: int
    grain: str
    of_dates: bool
    clock: Clock

    def buckets(self, covered: Range, seen: Iterable[Moment | None]) -> list[Moment]:
        """All buckets of the range; where it is open, from the first or to the last that is seen."""
        there = sorted(each for each in seen if each is not None)
        first, last = covered.ends(self.clock, of_dates=self.of_dates)
        if first is None and there:
            first = there[0]
        if last is None and there:
            last = there[-1]
        return [] if first is None or last is None else self.clock.buckets(first, last, self.grain)

    def before(self, bucket: Moment, count: int) -> Moment:
        """The bucket that lies `count` buckets before."""
        if isinstance(bucket, datetime):
            return bucket - timedelta(minutes=MINUTES[self.grain] * count)
        return self.clock.later(bucket, self.grain, -count)

    def bucket_of(self, key: Key) -> Moment | None:
        found: Moment | None = key[self.place]
        return found

    def moved(self, key: Key, bucket: Moment) -> Key:
        """The key of the same group in another bucket."""
        return (*key[: self.place], bucket, *key[self.place + 1 :])

    def others(self, key: Key) -> Key:
        """The key without its bucket."""
        return (*key[: self.place], *key[self.place + 1 :])


def axis_of(dimensions: Sequence[str], tables: frozenset[str], clock: Clock) -> Axis | None:
    """The axis, if there is exactly one grain of the tables' own times; those of other times are groups."""
    own = own_times(tables)
    grains = {place: base_of(each) for place, each in enumerate(dimensions) if is_grain(each)}
    places = [place for place, (name, _) in grains.items() if name in own]
    if len(places) != 1:
        return None
    return Axis(places[0], grains[places[0]][1], tables == {"balances"}, clock)
