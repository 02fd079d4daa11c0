"""Who asks: what the authenticated context says of the caller."""

from dataclasses import dataclass

ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Comes from authentication only, never from a question's arguments."""

    subject: str = "anonymous"
    tenant: str | None = None
    roles: frozenset[str] = frozenset()

    @property
    def is_admin(self) -> bool:
        return ADMIN in self.roles


ANONYMOUS = Viewer()
