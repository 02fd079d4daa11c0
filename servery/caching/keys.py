"""`servery cache keys`: which answers lie in Redis, and what they are good for."""

import asyncio
from collections.abc import Sequence
from typing import Final

from rich.console import Console

from cache.cache import Cache
from cache.explain import Explained
from servery.caching.desk import line, over
from servery.caching.told import entry_told
from servery.caching.words import duration, size
from servery.settings import Settings

AT_ONCE: Final = 16
HEADS: Final = ("key", "status", "age", "size", "rows", "cost")
LEFT: Final = 2
"""So many columns are words; the others are numbers."""


async def run_keys(
    settings: Settings, out: Console, err: Console, *, pattern: str | None, limit: int, as_json: bool
) -> int:
    """The exit code: 0, or 1 when Redis cannot be asked or the pattern is not within our keys."""

    async def work(cache: Cache) -> None:
        names, more = await names_in(cache, pattern or f"{settings.cache_prefix}:query:*", limit)
        entries = await _explained(cache, names)
        if as_json:
            out.print_json(data=[_summary(each) for each in entries])
        else:
            tell_entries(entries, out)
            if more:
                line(err, f"There are more than {limit}: --limit shows more, --pattern others.")

    return await over(settings, err, work)


def tell_entries(entries: Sequence[Explained], out: Console) -> None:
    """The youngest first."""
    if not entries:
        line(out, "No answer lies there.")
        return
    table = [HEADS, *((each.name, each.state.value, *_cells(each)) for each in entries)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        # Never cut, however narrow the terminal is: a key is there to be copied.
        cells = zip(row, widths, range(len(widths)), strict=True)
        line(out, "  ".join(cell.ljust(n) if at < LEFT else cell.rjust(n) for cell, n, at in cells).rstrip())


def _cells(entry: Explained) -> tuple[str, ...]:
    stored = "" if entry.stored_bytes is None else size(entry.stored_bytes)
    if entry.contents is None:
        return "", stored, "", ""
    contents = entry.contents
    return duration(contents.age_ms), stored, f"{contents.rows:,}", duration(contents.cost_ms)


def _summary(entry: Explained) -> dict[str, object]:
    return {name: value for name, value in entry_told(entry).items() if name != "tags"}


async def names_in(cache: Cache, pattern: str, limit: int) -> tuple[list[str], bool]:
    """At most `limit` of them, each once, and whether there are more."""
    found: dict[str, None] = {}
    async for name in cache.names(pattern):
        if name not in found and len(found) == limit:
            return list(found), True
        found[name] = None
    return list(found), False


async def _explained(cache: Cache, names: Sequence[str]) -> list[Explained]:
    found: list[Explained] = []
    for start in range(0, len(names), AT_ONCE):
        found += await asyncio.gather(*map(cache.explain, names[start : start + AT_ONCE]))
    return sorted((each for each in found if each.exists), key=_age)


def _age(entry: Explained) -> float:
    return entry.contents.age_ms if entry.contents else float("inf")
