"""`servery cache clear`: by a pattern, by tags, or all."""

from collections.abc import Sequence

from rich.console import Console

from cache.cache import Cache
from cache.tokens import Mode
from model.load import load_model
from resolvers.admin import UNLESS, expired_words
from resolvers.invalidation import expanded
from servery.caching.desk import line, over
from servery.caching.words import many
from servery.settings import Settings


async def run_clear(
    settings: Settings, out: Console, err: Console, *, pattern: str | None, tags: Sequence[str], mode: Mode
) -> int:
    """The exit code: 0, or 1 when nothing could be cleared. Raises ModelInvalid: tags are of a model."""
    model = load_model(settings.model) if tags else None

    async def work(cache: Cache) -> None:
        if model:
            await cache.invalidate(expanded(model, tags), mode)
            told = f"Answers that depend on {', '.join(tags)} are shown no more"
        else:
            everything = f"{settings.cache_prefix}:*"
            count = await cache.clear(everything if pattern is None else pattern, mode)
            told = f"{many(count, 'answer')} deleted"
            if mode is Mode.EXPIRE:
                told = f"{expired_words(pattern)} are shown no more"
        line(out, f"{told}{UNLESS if mode is Mode.EXPIRE else ''}.")

    return await over(settings, err, work)
