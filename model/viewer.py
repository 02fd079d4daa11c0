"""Who asks: what the authenticated context says of the caller."""

from dataclasses import dataclass

ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Comes from authentication only, never from a question's arguments."""

    subject: str = "anonymous"
    tenant: str | None = None
    roles: frozenset[str] = frozenset()

    def __hash__(self) -> int:
        """Every request is looked up by its viewer, and few share a subject that are not the same."""
        return hash(self.subject)

    @property
    def is_admin(self) -> bool:
        return ADMIN in self.roles


ANONYMOUS = Viewer()
