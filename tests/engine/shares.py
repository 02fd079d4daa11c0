"""Parts of a whole, which is computed from the rows."""

from collections.abc import Sequence
from typing import Any

from tests.engine.aggregates import quotient
from tests.engine.clock import Clock
from tests.engine.grouping import Groups, Record, key_by, summarised, times_in
from tests.engine.question import Question, Share


def add_shares(
    groups: Groups, question: Question, by: Sequence[str], records: Sequence[Record], clock: Clock
) -> None:
    """Groups by some dimensions are no part of what lies within others."""
    for share in question.shares:
        wholes = _wholes(share, records, clock) if set(share.within) <= set(by) else {}
        places = [by.index(each) for each in share.within if each in by]
        for key, values in groups.items():
            whole = wholes.get(tuple(key[place] for place in places), {})
            values[share.key] = quotient(values[share.metric], whole.get(share.metric))


def _wholes(share: Share, records: Sequence[Record], clock: Clock) -> Groups:
    places, buckets = key_by(share.within, clock), times_in(share.within, clock)
    return summarised(records, places, buckets, [share.metric], clock)


def add_shares_of_all(total: dict[str, Any], question: Question) -> None:
    """All rows are the whole of all rows; of a part within something there is no total."""
    for share in question.shares:
        value = total[share.metric]
        total[share.key] = None if share.within else quotient(value, value)
