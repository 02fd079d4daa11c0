"""What the leader leaves for the next one, in Redis: how far it has read, and what it has seen."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from servery.events.bookmark import Bookmark

TOPIC: Final = "events"
KEPT_MS: Final = 7 * 24 * 3_600 * 1_000


class Notes(Protocol):
    """Texts by topic, for all processes of a deployment. Both raise StoreDown."""

    async def note(self, topic: str, text: str, ttl_ms: int) -> None: ...

    async def notes(self, glob: str) -> Mapping[str, str]: ...


@dataclass(slots=True)
class Memory:
    """What is known, also while Redis is not there. What is absent counts as changed.

    `shapes` are those of relations, `results` those of refresh keys, by the model's table.
    """

    bookmark: Bookmark | None = None
    shapes: dict[str, str] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)


async def recalled(notes: Notes, tables: Iterable[str]) -> Memory:
    """What the last leader has left; whatever is odd in it is left out. Raises StoreDown."""
    found = await notes.notes(f"{TOPIC}:*")
    results = {name: found[_of_result(name)] for name in tables if _of_result(name) in found}
    return Memory(Bookmark.read(found.get(_BOOKMARK, "")), _shapes(found.get(_SHAPES, "")), results)


async def note_bookmark(notes: Notes, bookmark: Bookmark | None) -> None:
    """None forgets what was noted before. Raises StoreDown."""
    await notes.note(_BOOKMARK, bookmark.text if bookmark else "", KEPT_MS)


async def note_shapes(notes: Notes, shapes: Mapping[str, str]) -> None:
    """Raises StoreDown."""
    await notes.note(_SHAPES, json.dumps(shapes), KEPT_MS)


async def note_result(notes: Notes, table: str, result: str) -> None:
    """Raises StoreDown."""
    await notes.note(_of_result(table), result, KEPT_MS)


_BOOKMARK: Final = f"{TOPIC}:bookmark"
_SHAPES: Final = f"{TOPIC}:shapes"


def _of_result(table: str) -> str:
    return f"{TOPIC}:refresh:{table}"


def _shapes(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return {str(title): str(shape) for title, shape in found.items()} if isinstance(found, dict) else {}
