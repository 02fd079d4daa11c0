"""Where processes of a test leave notes for each other."""

import asyncio
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from cache.store import StoreDown


@dataclass(slots=True)
class Board:
    """Implements `resolvers.traffic_notes.Notes`. `lives` are those of the notes, in milliseconds."""

    texts: dict[str, str] = field(default_factory=dict)
    lives: list[int] = field(default_factory=list)
    down: bool = False
    written: asyncio.Event = field(default_factory=asyncio.Event)

    async def note(self, topic: str, text: str, ttl_ms: int) -> None:
        self.written.set()
        if self.down:
            raise StoreDown("the test took it down")
        self.texts[topic] = text
        self.lives.append(ttl_ms)

    async def notes(self, glob: str) -> dict[str, str]:
        if self.down:
            raise StoreDown("the test took it down")
        return {topic: text for topic, text in self.texts.items() if fnmatchcase(topic, glob)}
