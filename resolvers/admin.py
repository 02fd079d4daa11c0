"""What administrators ask of the cache: figures, one answer explained, clearing, deleting one answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from cache.cache import Cache
from cache.explain import Explained
from cache.pattern import OutsidePrefix
from cache.store import StoreDown
from cache.tokens import Mode
from model.faults import Fault
from model.viewer import Viewer
from resolvers.analytics import Analytics
from resolvers.entries import entry_of
from resolvers.figures import Figures
from resolvers.invalidation import expanded
from resolvers.question import Question
from resolvers.roles import require_admin
from resolvers.shared_figures import SharedFigures

UNLESS: Final = ", unless the database fails: then flagged as STALE"


@dataclass(frozen=True, slots=True)
class Cleared:
    """`deleted` is None where nothing is counted: after that, what depended on the tags is shown no more."""

    deleted: int | None
    pattern: str | None
    tags: tuple[str, ...]
    mode: Mode
    message: str


@dataclass(frozen=True, slots=True)
class Deleted:
    deleted: bool
    cache_key: str
    message: str


class Admin:
    """Every change raises UNAUTHENTICATED for a viewer who is not an administrator."""

    def __init__(
        self,
        cache: Cache,
        analytics: Analytics,
        *,
        figures: SharedFigures | None = None,
        cleared: Callable[[], None] = lambda: None,
    ) -> None:
        """`cleared` is called after each clear, and must not block."""
        self._cache = cache
        self._analytics = analytics
        self._figures = figures or SharedFigures(cache)
        self._cleared = cleared

    async def figures(self) -> Figures:
        """Those of the server are null while it is down; nothing raises."""
        return await self._figures.figures()

    async def entry(self, name: str, viewer: Viewer) -> Explained:
        """What lies under `name`, as `metadata.cacheKey` told it."""
        return await entry_of(self._cache, name, viewer)

    async def clear(self, pattern: str, viewer: Viewer, mode: Mode = Mode.PURGE) -> Cleared:
        """Raises INVALID_PATTERN outside our prefix and CACHE_UNAVAILABLE when nothing could be cleared."""
        require_admin(viewer)
        try:
            count = await self._cache.clear(pattern, mode)
        except OutsidePrefix as error:
            raise Fault("INVALID_PATTERN", str(error), pattern=pattern) from error
        except StoreDown as error:
            raise _unavailable(error) from error
        self._cleared()
        if mode is Mode.EXPIRE:
            message = f"{expired_words(pattern)} are shown no more{UNLESS}."
            return Cleared(None, pattern, (), mode, message)
        answers = "1 answer was" if count == 1 else f"{count} answers were"
        return Cleared(count, pattern, (), mode, f"{answers} deleted from the cache.")

    async def clear_tags(self, tags: Sequence[str], viewer: Viewer, mode: Mode = Mode.PURGE) -> Cleared:
        """Raises INVALID_TAG for what is none, and CACHE_UNAVAILABLE when nothing could be cleared."""
        require_admin(viewer)
        wanted = expanded(self._analytics.model, tags)
        try:
            await self._cache.invalidate(wanted, mode)
        except StoreDown as error:
            raise _unavailable(error) from error
        self._cleared()
        unless = UNLESS if mode is Mode.EXPIRE else ""
        message = f"Answers that depend on {', '.join(tags)} are shown no more{unless}."
        return Cleared(None, None, tuple(tags), mode, message)

    async def delete_key(self, name: str, viewer: Viewer) -> Deleted:
        """Delete the answer under `name`, as `metadata.cacheKey` told it."""
        require_admin(viewer)
        try:
            found = await self._cache.delete(name)
        except OutsidePrefix as error:
            raise Fault("INVALID_PATTERN", str(error), cacheKey=name) from error
        except StoreDown as error:
            raise _unavailable(error) from error
        return Deleted(found, name, "The answer was deleted." if found else "There was no such answer.")

    async def delete_question(self, question: Question, viewer: Viewer) -> Deleted:
        """Delete the answer to `question`, found by the same key that reading it uses."""
        require_admin(viewer)
        return await self.delete_key(self._analytics.key(question, viewer).name, viewer)


def expired_words(pattern: str | None) -> str:
    """The answers that a clear without deletion is about."""
    return f"Answers under {pattern} from before now" if pattern else "Answers from before now"


def mode_of(name: str) -> Mode:
    """The mode of that name."""
    return Mode(name)


def _unavailable(error: StoreDown) -> Fault:
    """The reason stays the cause: it may hold an address."""
    fault = Fault(
        "CACHE_UNAVAILABLE",
        "Redis did not answer, so this is not done, or not wholly. Order it again when it is back.",
    )
    fault.__cause__ = error
    return fault
