"""A statement: SQL text with numbered parameters, and the values for them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlglot import exp

from plan.nodes import cast


@dataclass(frozen=True, slots=True)
class Statement:
    """`text` holds $1, $2, ... for `args`; the columns of its rows are the plan's, in order."""

    text: str
    args: tuple[object, ...]

    def shown(self) -> str:
        """The text, and below it each value in a comment of its own."""
        told = (f"-- ${number}: {_shown(value)}" for number, value in enumerate(self.args, 1))
        return "\n".join((f"{self.text};", *told))


def _shown(value: object) -> str:
    """On one line, whatever a value holds."""
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    return repr(str(value)) if isinstance(value, str) else str(value)


class Mark(NamedTuple):
    """`$number` in a text, cast to `type` where PostgreSQL should not guess it from the other side."""

    number: int
    type: str | None = None

    def written(self) -> exp.Expr:
        mark = exp.Parameter(this=exp.Literal.number(self.number))
        return cast(mark, self.type) if self.type else mark


@dataclass(slots=True)
class Parameters:
    """Collects values while they are bound; the same value of the same type is bound once."""

    values: list[object] = field(default_factory=list)
    _seen: dict[tuple[str, str, str | None], Mark] = field(default_factory=dict)

    def bind(self, value: object, type_: str | None = None) -> Mark:
        key = type(value).__name__, repr(value), type_
        found = self._seen.get(key)
        if found is None:
            self.values.append(value)
            found = self._seen[key] = Mark(len(self.values), type_)
        return found

    def bind_list(self, values: Sequence[object], type_: str | None = None) -> Mark:
        """One for a whole list, as an array."""
        return self.bind(list(values), f"{type_}[]" if type_ else None)
