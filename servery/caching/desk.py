"""The cache as operators reach it: Redis itself, with the settings of the environment and patience."""

from collections.abc import Awaitable, Callable
from typing import Final

from rich.console import Console

from cache.address import address_of
from cache.cache import Cache
from cache.pattern import OutsidePrefix
from cache.redis import RedisStore, Timeouts
from cache.store import StoreDown
from model.faults import Fault
from servery.settings import Settings

DONE, NOT_DONE = 0, 1
PATIENT: Final = Timeouts(operation=5.0, order=10.0, sweep_command=10.0, clear=600.0, count=5.0)


async def over(settings: Settings, err: Console, work: Callable[[Cache], Awaitable[None]]) -> int:
    """The exit code of `work`: 1 when Redis is not there or refuses, or what was ordered makes no sense."""
    url = settings.redis_url.get_secret_value()
    cache = Cache(RedisStore(url, prefix=settings.cache_prefix, timeouts=PATIENT))
    try:
        await work(cache)
    except StoreDown as down:
        return _refused(err, _not_there(url, down))
    except OutsidePrefix as outside:
        return _refused(err, f"INVALID_PATTERN: {outside}")
    except Fault as fault:
        return _refused(err, f"{fault.code}: {fault.message}")
    finally:
        await cache.close()
    return DONE


def line(console: Console, text: str) -> None:
    """As it stands, however wide the terminal is."""
    console.print(text, soft_wrap=True, markup=False, highlight=False)


def _refused(err: Console, message: str) -> int:
    line(err, f"servery: {message}")
    return NOT_DONE


def _not_there(url: str, down: StoreDown) -> str:
    """With the place, which holds no password, and the words of the connection."""
    place = ", ".join(map(str, address_of(url).places))
    return f"Redis at {place} cannot be asked: {down.reason}. Its address is REDIS_URL."
