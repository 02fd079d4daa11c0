"""Which group of a question a record is in: beside which bucket, and among the best or the others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.engine.axis import Axis
from tests.engine.clock import Clock, Moment
from tests.engine.grouping import Key, KeyOf, Record, key_by
from tests.engine.question import Question
from tests.engine.ranking import Ranking

Beside = Mapping[Any, Moment]
"""For each bucket of another range the one of this range that has the same position."""


@dataclass(frozen=True, slots=True)
class Placing:
    question: Question
    clock: Clock
    axis: Axis | None
    ranking: Ranking

    def keys(self, by: Sequence[str], beside: Beside | None = None) -> KeyOf:
        """The groups by some of the dimensions."""
        raw = key_by(self.question.dimensions, self.clock)
        axis = self.axis
        is_moved = axis is not None and self.question.dimensions[axis.place] in by

        def key(record: Record) -> Key | None:
            found = raw(record)
            if is_moved and beside is not None and axis is not None and found is not None:
                bucket = beside.get(axis.bucket_of(found))
                found = None if bucket is None else axis.moved(found, bucket)
            return None if found is None else self._shown(found, by)

        return key

    def buckets(self, records: Iterable[Record]) -> list[Moment | None]:
        """Where on the axis the records are, whatever is shown of them."""
        axis, raw = self.axis, key_by(self.question.dimensions, self.clock)
        keys = map(raw, records)
        return [axis.bucket_of(key) for key in keys if axis is not None and key is not None]

    def _shown(self, key: Key, by: Sequence[str]) -> Key | None:
        """The values of these dimensions; with the others' flag behind them, where they are gathered."""
        if self.question.top is not None and self.question.top.of in by:
            placed = self.ranking.placed(key)
            if placed is None:
                return None
            key = placed
        places = [self.question.dimensions.index(each) for each in by]
        return (*(key[place] for place in places), *key[len(self.question.dimensions) :])

    def named(self, by: Sequence[str], key: Key) -> dict[str, Any]:
        top = self.question.top
        flag = [f"{top.of}__others"] if top and top.others and top.of in by else []
        return dict(zip([*by, *flag], key, strict=True))
