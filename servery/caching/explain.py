"""`servery cache explain`: why an answer is shown out of the cache, or is not."""

import re
from collections.abc import Iterable
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cache.cache import Cache
from cache.explain import Contents, Explained, State
from model.faults import Fault
from servery.caching.desk import line, over
from servery.caching.told import entry_told, moment
from servery.caching.words import duration, size
from servery.settings import Settings

DIGITS: Final = re.compile(r":[0-9a-f]{32}\Z")
MEANINGS = {
    State.FRESH: "It is shown to whoever asks.",
    State.STALE: "It is shown, flagged as STALE, and loaded anew meanwhile.",
    State.EXPIRED: "Its time is over. It is kept to be shown, flagged as STALE, when PostgreSQL fails.",
    State.INVALIDATED: "It is not shown: what it depends on has changed since.",
    State.ABSENT: "There is no such answer in Redis. The next who asks loads it.",
    State.UNREADABLE: "What lies there is damaged, or no answer of this version. It is not shown.",
}
EXCUSED = "When PostgreSQL fails it is shown all the same, flagged as STALE."
PURGED = "It is never shown again."


async def run_explain(settings: Settings, key: str, out: Console, err: Console, *, as_json: bool) -> int:
    """The exit code: 0, or 1 when Redis cannot be asked or the key is not within ours.

    `key` is a name as `metadata.cacheKey` tells it, or the digits at its end.
    """
    name = key if ":" in key else f"{settings.cache_prefix}:query:{key}"

    async def work(cache: Cache) -> None:
        found = await cache.explain(name)
        if found.state is State.ABSENT and not DIGITS.search(name):
            message = (
                f"'{key}' is no key of an answer: one ends in 32 digits, as metadata.cacheKey tells them."
            )
            raise Fault("INVALID_PATTERN", message)
        if as_json:
            out.print_json(data=entry_told(found))
        else:
            tell_entry(found, out)

    return await over(settings, err, work)


def tell_entry(entry: Explained, out: Console) -> None:
    out.print(Text(f"{entry.name}  {entry.state.name}", style="bold"), soft_wrap=True)
    line(out, MEANINGS[entry.state])
    contents = entry.contents
    if contents is None:
        return
    if entry.state is State.INVALIDATED:
        line(out, EXCUSED if contents.excuse else PURGED)
        _tell_list(out, "Changed since", contents.killed_by)
    out.print()
    _tell_rows(out, _rows(entry, contents))
    _tell_list(out, "Depends on", (each.tag for each in contents.tags if each.current))


def _rows(entry: Explained, contents: Contents) -> Iterable[tuple[str, str]]:
    yield "read", f"{duration(contents.age_ms)} ago, stored {moment(contents.created_ms)}"
    if entry.state is not State.INVALIDATED:
        yield "fresh", _left(contents.soft_left_ms)
        yield "shown while loaded anew", _left(contents.stale_left_ms)
    yield "kept", _left(contents.hard_left_ms)
    yield "size", f"{size(contents.raw_bytes)}, in Redis {size(entry.stored_bytes or 0)}"
    yield "rows", f"{contents.rows:,}"
    yield "cost of a load", duration(contents.cost_ms)


def _left(ms: int) -> str:
    return f"for another {duration(ms)}" if ms else "no more"


def _tell_rows(out: Console, rows: Iterable[tuple[str, str]]) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    for row in rows:
        table.add_row(*row)
    out.print(table)


def _tell_list(out: Console, title: str, words: Iterable[str]) -> None:
    out.print(Text(f"\n{title}", style="bold"))
    for word in words:
        line(out, f"  {word}")
