"""The questions of `warm:`: whether they can be asked of this model. Nothing is asked of the database."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from cache.cache import Cache
from cache.empty import EmptyStore
from db.database import Result
from db.errors import Unavailable
from model.model import Model
from model.viewer import ANONYMOUS
from resolvers.admin import Admin
from resolvers.analytics import Analytics
from resolvers.rules import Rules
from resolvers.traffic import Asked
from schema.asker import Asker
from schema.build import Schema
from schema.context import Services
from servery.check.finding import Finding, error

PLANNED = "DATABASE_UNAVAILABLE"


class _Unasked:
    """A database that is not there: a question that comes so far can be asked."""

    async def fetch(self, text: str, args: Sequence[object] = (), *, timeout_ms: int | None = None) -> Result:  # noqa: ARG002  the shape of a database
        raise Unavailable

    async def ready(self) -> float:
        raise Unavailable

    async def close(self) -> None:
        pass


async def questions_that_cannot_be_asked(model: Model) -> AsyncIterator[Finding]:
    """An error for each."""
    if not model.warm:
        return
    cache = Cache(EmptyStore())
    analytics = Analytics(model, _Unasked(), cache, lambda: datetime.now(UTC), Rules())
    ask = Asker(Schema(model, _unreported), Services(analytics, Admin(cache, analytics)))
    for text in model.warm:
        warmed = await ask(Asked(text, ANONYMOUS), refresh=False)
        if warmed.error_code != PLANNED:
            message = f"The question '{text}' cannot be asked: {warmed.error}"
            yield error(("warm",), message, "Try it with servery ask.")
    await cache.close()


def _unreported(request_id: str, fault: BaseException) -> None:
    pass
