"""How far change events were read: everything that was committed up to a snapshot is outdated already."""

import json
from dataclasses import dataclass
from typing import Final

from db.snapshot import Snapshot

OLDEST_S: Final = 50 * 60
"""Rows are kept for an hour; what was written after an older bookmark may be gone."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """`server` is as `db.changes.server_of` tells it, `at` is that server's clock in seconds."""

    server: str
    snapshot: Snapshot
    at: float

    @classmethod
    def read(cls, text: str) -> "Bookmark | None":
        """None for anything but what `text` gives."""
        try:
            server, snapshot, at = json.loads(text)
            return cls(str(server), Snapshot.read(snapshot), float(at))
        except (ValueError, TypeError, AttributeError):
            return None

    @property
    def text(self) -> str:
        return json.dumps([self.server, self.snapshot.text, self.at])

    def gap(self, until: Snapshot, at: float) -> str:
        """Why nobody can tell what changed up to `until`; empty when all of it is known."""
        if at - self.at > OLDEST_S:
            return (
                f"the last look was {(at - self.at) / 60:.0f} minutes ago, and changes are kept for an hour"
            )
        if self.snapshot.xmax > until.xmax:
            return "the database has gone back in time"
        return ""

    def strange(self, server: str) -> str:
        """Why it says nothing of this server; empty when it does."""
        if not server:
            return "the database cannot prove that it has lost nothing"
        return "" if server == self.server else "it is another database, or has lost transactions in a crash"
