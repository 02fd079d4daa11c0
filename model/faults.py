"""What goes wrong with a question or a model file, in words for the person who wrote it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

LONGEST_SHOWN = 60


class Fault(Exception):
    """A refusal with a stable `code`, a message that names the value, and what to do about it.

    `fields` are machine-readable companions (`metric`, `validDimensions`, ...); all reach the caller.
    """

    def __init__(self, code: str, message: str, **fields: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields: Mapping[str, object] = fields


class UnknownName(Fault):
    """A metric or dimension that the model does not have, or that the viewer may not see: the same thing."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        suggestions = similar(name, known)
        super().__init__(
            f"UNKNOWN_{kind.upper()}",
            f"There is no {kind} called '{name}'.{did_you_mean(suggestions)}",
            **{kind: name, "suggestions": suggestions},
        )


def similar(name: str, known: Iterable[str]) -> list[str]:
    """At most three known names that `name` may have been meant for, the likeliest first."""
    return get_close_matches(name, list(known), n=3, cutoff=0.6)


def did_you_mean(suggestions: Iterable[str]) -> str:
    """A sentence with a leading blank, or nothing when there is nothing to suggest."""
    words = [f"'{name}'" for name in suggestions]
    return f" Did you mean {' or '.join(words)}?" if words else ""


def shown(value: object) -> str:
    """A value of a model file on one short line."""
    text = str(value).lower() if isinstance(value, bool) else " ".join(str(value).split())
    text = "".join(mark if mark.isprintable() else f"\\u{ord(mark):04x}" for mark in text)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


@dataclass(frozen=True, slots=True)
class ModelFault:
    """One thing that is wrong in a model file: where, what, and what to do."""

    message: str
    hint: str = ""
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.file else ""
        return f"{where}{self.message}{' ' + self.hint if self.hint else ''}"


@dataclass
class ModelInvalid(Exception):
    """Every fault found in a model, in the order of the file."""

    faults: tuple[ModelFault, ...] = field(default=())

    def __str__(self) -> str:
        count = len(self.faults)
        head = f"The model has {count} fault{'s' if count != 1 else ''}:"
        return "\n".join([head, *(f"  {fault}" for fault in self.faults)])
