"""`servery cache stats`: what the cache does, over all processes that run."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cache.cache import Cache
from resolvers.figures import Figures, Latency, figures_of
from resolvers.shared_figures import KEPT_MS, summed, told_by_all
from servery.caching.desk import line, over
from servery.caching.told import figures_told
from servery.caching.words import duration, many, size
from servery.settings import Settings

NOBODY = (
    f"No process of Servery has told its counts in the last {KEPT_MS // 1000} seconds: either none runs with "
    "this Redis and this SERVERY_CACHE_PREFIX, or none reaches it."
)
TOOK = {
    "memory hit": "answered from memory",
    "redis hit": "answered from Redis",
    "stale hit": "answered stale",
    "joined": "joined another's load",
    "loaded": "loaded",
    "look": "a look into Redis",
    "put": "a write to Redis",
    "load": "a load alone",
    "failed load": "a load that failed",
}


async def run_stats(settings: Settings, out: Console, err: Console, *, as_json: bool) -> int:
    """The exit code: 0, or 1 when Redis cannot be asked."""

    async def work(cache: Cache) -> None:
        counted = await told_by_all(cache)
        figures = figures_of(summed(counted), (await cache.stats()).server, len(counted))
        if as_json:
            out.print_json(data=figures_told(figures))
        else:
            tell_figures(figures, out)

    return await over(settings, err, work)


def tell_figures(figures: Figures, out: Console) -> None:
    if figures.workers:
        line(out, f"{many(figures.workers, 'process', 'es')}, each since its start")
        _tell(out, "Answers", _answers(figures))
        _tell(out, "Misses, by reason", _misses(figures))
        _tell(out, "Kept", _kept(figures))
        _tell_latencies(out, figures.latencies)
    else:
        line(out, NOBODY)
    _tell(out, "Redis", _server(figures))


def _answers(figures: Figures) -> Iterable[tuple[str, str]]:
    yield "from memory", f"{figures.memory_hits:,}"
    yield "from Redis", f"{figures.redis_hits:,}"
    yield "stale, flagged", f"{figures.stale_hits:,}"
    yield "joined another's load", f"{figures.flights_joined:,}"
    yield "misses", f"{figures.misses:,}"
    yield "hit rate", f"{figures.hit_rate:.1%}".replace("%", " %")
    yield "database time saved", duration(figures.database_ms_saved)


def _misses(figures: Figures) -> Iterable[tuple[str, str]]:
    reasons = figures.misses_by_reason
    for name in type(reasons).__slots__:
        if count := getattr(reasons, name):
            yield name.replace("_", " "), f"{count:,}"


def _kept(figures: Figures) -> Iterable[tuple[str, str]]:
    memory = figures.memory
    yield "in memory", f"{many(memory.entries, 'answer')}, {size(memory.bytes)} of {size(memory.max_bytes)}"
    yield "pushed out of memory", f"{memory.evictions:,}"
    yield "written to Redis", size(figures.bytes_stored)
    yield "not written: too big", f"{figures.too_big:,}"
    yield "not written: not admitted", f"{figures.not_admitted:,}"
    yield "loads", f"{figures.loads:,}"
    yield "loads in the background", f"{figures.refreshes:,}"
    yield "loads that failed", f"{figures.loads_failed:,}"


def _server(figures: Figures) -> Iterable[tuple[str, str]]:
    if figures.status == "up":
        yield "up", duration((figures.uptime_seconds or 0) * 1000)
        yield "answers of ours", f"{figures.total_keys:,}"
        yield "memory", f"{figures.memory_used_mb} MB, of all that uses it"
        yield "clients", f"{figures.connected_clients:,}"
        yield "keys evicted", f"{figures.evicted_keys:,}"


def _tell(out: Console, title: str, rows: Iterable[tuple[str, str]]) -> None:
    table = _table("")
    table.add_column()
    for name, value in rows:
        table.add_row(f"  {name}", value)
    out.print(Text(f"\n{title}", style="bold"))
    if table.row_count:
        out.print(table)
    else:
        line(out, "  none")


def _tell_latencies(out: Console, latencies: Iterable[Latency]) -> None:
    table = _table("  How long it took")
    for head in ("times", "half within", "95 % within", "99 % within"):
        table.add_column(head, justify="right")
    for each in latencies:
        if each.count:
            shares = (duration(ms or 0) for ms in (each.p50_ms, each.p95_ms, each.p99_ms))
            table.add_row(f"  {TOOK[each.operation]}", f"{each.count:,}", *shares)
    if table.row_count:
        out.print()
        out.print(table)


def _table(first: str) -> Table:
    table = Table(box=None, pad_edge=False, show_header=bool(first), header_style="bold")
    table.add_column(first)
    return table
