"""The best values of a dimension, and what is gathered as the others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.engine.clock import Clock
from tests.engine.grouping import Groups, Key, Record, grouped, key_by, of_nothing, summarised, times_in
from tests.engine.question import Question, Top


@dataclass(frozen=True, slots=True)
class Ranking:
    """`kept` holds the values of `within` and `of` that stay; without a `top`, all do."""

    question: Question
    kept: frozenset[Key]

    @classmethod
    def of(
        cls, question: Question, records: Sequence[Record], also: Iterable[Record], clock: Clock
    ) -> "Ranking":
        """Ranks what `records` come to; what only the others are of is there with nothing."""
        if question.top is None:
            return cls(question, frozenset())
        return cls(question, frozenset(_best(question.top, records, also, clock)))

    def placed(self, key: Key) -> Key | None:
        """The key of the row in which a group is shown. With `others`, whether it is theirs stands last."""
        top = self.question.top
        if top is None:
            return key
        found = dict(zip(self.question.dimensions, key, strict=True))
        if (*(found[each] for each in top.within), found[top.of]) in self.kept:
            return (*key, False) if top.others else key
        if not top.others:
            return None
        return (*(None if name == top.of else value for name, value in found.items()), True)


def _best(top: Top, records: Sequence[Record], also: Iterable[Record], clock: Clock) -> list[Key]:
    dimensions = (*top.within, top.of)
    place = key_by(dimensions, clock)
    ranked = summarised(records, place, times_in(dimensions, clock), [top.by], clock)
    for key in grouped(also, place):
        ranked.setdefault(key, of_nothing([top.by]))
    rivals: dict[Key, list[Key]] = {}
    for key in ranked:
        rivals.setdefault(key[:-1], []).append(key)
    return [key for keys in rivals.values() for key in _sorted(keys, ranked, top)[: top.n]]


def _sorted(keys: list[Key], ranked: Groups, top: Top) -> list[Key]:
    """Nulls are last both ways, and ties go by value."""
    by_value = sorted((key for key in keys if key[-1] is not None), key=lambda key: key[-1])
    by_value += [key for key in keys if key[-1] is None]
    there = [key for key in by_value if ranked[key][top.by] is not None]
    absent = [key for key in by_value if ranked[key][top.by] is None]
    return sorted(there, key=lambda key: ranked[key][top.by], reverse=top.direction == "DESC") + absent
