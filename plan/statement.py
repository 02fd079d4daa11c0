"""A statement: SQL text with numbered parameters, and the values for them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

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


@dataclass(slots=True)
class Parameters:
    """Collects values while SQL is built; the same value of the same type is bound once."""

    values: list[object] = field(default_factory=list)
    _seen: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def bind(self, value: object, type_: str | None = None) -> exp.Expr:
        """`$n`, cast to `type_` where PostgreSQL should not guess the type from the other side."""
        key = (type(value).__name__, repr(value), type_ or "")
        if key not in self._seen:
            self.values.append(value)
            self._seen[key] = len(self.values)
        mark = exp.Parameter(this=exp.Literal.number(self._seen[key]))
        return cast(mark, type_) if type_ else mark

    def bind_list(self, values: Sequence[object], type_: str | None = None) -> exp.Expr:
        """`$n` for a whole list, as an array."""
        return self.bind(list(values), f"{type_}[]" if type_ else None)
