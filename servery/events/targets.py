"""From a relation of the database to the tables of the model, and from those to tags."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from db.changes import Change
from db.outbox.source import Source

TagsFor = Callable[[str, Iterable[date] | None], tuple[str, ...]]
"""The tags to set when rows of a table of the model changed: in these months, or in any when None."""


class Targets:
    """The tables of one model. Which relations they are is told by `place`, and may change."""

    def __init__(self, sources: Sequence[Source], tags_for: TagsFor) -> None:
        self.sources = tuple(sources)
        self._tags_for = tags_for
        self._titles: Mapping[str, str] = {}

    def place(self, titles: Mapping[str, str]) -> None:
        """`titles` are those of the relations, by the model's table."""
        self._titles = titles

    def tags(self, changes: Sequence[Change]) -> tuple[str, ...]:
        """Sorted, each once. Changes of relations that the model does not read have none."""
        found: set[str] = set()
        for source in self.sources:
            own = [each for each in changes if each.relation == self._titles.get(source.name)]
            if own:
                found.update(self._tags_for(source.name, _months(source, own)))
        return tuple(sorted(found))

    def tags_of(self, relations: Iterable[str]) -> tuple[str, ...]:
        """Those of all rows of these relations."""
        return self.tags([Change(title, None, None) for title in relations])

    @property
    def all_tags(self) -> tuple[str, ...]:
        """Those of all rows of all tables, wherever they are: after a crash, even that may be forgotten."""
        return tuple(sorted({tag for source in self.sources for tag in self._tags_for(source.name, None)}))


def _months(source: Source, changes: Sequence[Change]) -> set[date] | None:
    """None for any. Months that were told by another column or zone say nothing of this table's."""
    found: set[date] = set()
    for change in changes:
        is_ours = change.axis is None or (source.axis is not None and change.axis == source.axis.text)
        if change.months is None or not is_ours:
            return None
        found.update(change.months)
    return found
