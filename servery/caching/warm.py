"""`servery cache warm`: from settings to warm answers, a bar of progress and an exit code."""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cache.address import address_of
from cache.cache import Cache
from cache.redis import RedisStore
from cache.store import StoreDown
from db.postgres import PostgresDatabase
from model.faults import Fault
from model.load import load_model
from resolvers.admin import Admin
from resolvers.analytics import Analytics
from resolvers.traffic_notes import TOPIC
from resolvers.warm import Order, Origin, Step, Warmed, Warmer, Warming
from schema.build import Schema
from schema.context import Services
from servery.caching.desk import DONE, NOT_DONE, PATIENT, line
from servery.derived import cache_limits, pool_settings, rules_of
from servery.observe import report_internal
from servery.settings import Settings
from servery.warming import warmth_of

NOTHING: Final = (
    "There is nothing to warm: the model lists no question under 'warm:', and no traffic was recorded."
)


async def run_warm(
    settings: Settings,
    out: Console,
    err: Console,
    *,
    top: int,
    sources: Collection[Origin],
    refresh: bool,
) -> int:
    """The exit code: 0 when every answer is there now, 1 when one is not, or Redis cannot be asked.

    Raises ModelInvalid.
    """
    order = Order(top, frozenset(sources), refresh)
    async with _parts(settings) as (cache, warmer):
        try:
            await cache.notes(f"{TOPIC}:*")
            with _bar(err) as bar:
                warming = await warmer.warm(order, _moving(bar))
        except StoreDown as down:
            line(err, f"servery: {_not_there(settings, down)}")
            return NOT_DONE
        except Fault as fault:
            line(err, f"servery: {fault.code}: {fault.message}")
            return NOT_DONE
    return _tell(warming, out)


@asynccontextmanager
async def _parts(settings: Settings) -> AsyncIterator[tuple[Cache, Warmer]]:
    """Over the real PostgreSQL, and a Redis that is given more time than a question would give it."""
    model = load_model(settings.model)
    database = PostgresDatabase(pool_settings(settings))
    url = settings.redis_url.get_secret_value()
    store = RedisStore(url, prefix=settings.cache_prefix, timeouts=PATIENT)
    limits = replace(cache_limits(settings), memory_bytes=0, store_seconds=PATIENT.operation)
    cache = Cache(store, limits=limits)
    analytics = Analytics(model, database, cache, lambda: datetime.now(UTC), rules_of(settings))
    schema = Schema(model, report_internal, settings.cache_prefix)
    try:
        yield cache, warmth_of(schema, Services(analytics, Admin(cache, analytics)), cache).warmer
    finally:
        await cache.close()
        await database.close()


def _not_there(settings: Settings, down: StoreDown) -> str:
    """With the place, which holds no password."""
    place = ", ".join(map(str, address_of(settings.redis_url.get_secret_value()).places))
    return f"Redis at {place} cannot be asked: {down.reason}. Its address is REDIS_URL."


def _bar(err: Console) -> Progress:
    """On standard error, which leaves standard output to the result; it is not drawn into a file."""
    columns = (TextColumn("Warming"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)


def _moving(bar: Progress) -> Callable[[Step], None]:
    task = bar.add_task("warming", total=None)

    def move(step: Step) -> None:
        bar.update(task, completed=step.done, total=step.total)

    return move


def _tell(warming: Warming, out: Console) -> int:
    for each in warming.results:
        line(out, _shown(each))
    counts = f"{warming.warmed} loaded, {warming.skipped} there already, {warming.failed} failed"
    line(out, counts if warming.results else NOTHING)
    return NOT_DONE if warming.failed else DONE


def _shown(warmed: Warmed) -> str:
    tenant = warmed.asked.viewer.tenant
    question = " ".join(warmed.asked.text.split()) + (f"  (tenant {tenant})" if tenant else "")
    if warmed.error:
        return f"{'FAILED':<29}{question}\n{'':<29}{warmed.error_code}: {warmed.error}"
    rows = f"{warmed.rows} row{'' if warmed.rows == 1 else 's'}"
    return f"{warmed.source:<8}{rows:>10}{warmed.took_ms:>6.0f} ms  {question}"
