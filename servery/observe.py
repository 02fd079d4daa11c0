"""Structured logs: what the rooms report, in lines for people or for machines."""

import logging
import sys

import structlog

from cache.event import Event as CacheEvent
from cache.event import EventName
from cache.event import Observe as ObserveCache
from cache.tokens import Mode
from db.errors import DatabaseError
from db.events import Back, Lost, Pooled, Slow
from db.events import Event as DatabaseEvent
from servery.settings import Settings

Logger = structlog.stdlib.BoundLogger

LEVELS = {
    EventName.STORE_LOST: logging.WARNING,
    EventName.STORE_CHANGED: logging.WARNING,
    EventName.UNTRACKED: logging.WARNING,
    EventName.STORE_BACK: logging.WARNING,
    EventName.CLEAR: logging.INFO,
    EventName.DELETE: logging.INFO,
}


def configure_logs(settings: Settings) -> None:
    """Once per process. Lines go to standard error, so that standard output stays for results."""
    level = getattr(logging, settings.log_level.upper())
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def logger(name: str) -> Logger:
    found: Logger = structlog.get_logger(component=name)
    return found


def cache_log(settings: Settings) -> ObserveCache:
    """What the cache tells, as far as the level lets through: that is told of each miss, too."""
    least = getattr(logging, settings.log_level.upper())

    def watch(event: CacheEvent) -> None:
        level = _level_of(event)
        if level >= least:
            _log(event, level)

    return watch


def _level_of(event: CacheEvent) -> int:
    """Hits and misses are for debugging; what operators must know is louder."""
    if event.name is EventName.INVALIDATED and event.detail == Mode.PURGE.value:
        return logging.INFO  # an order of somebody; what change events expire is told by the hundred
    return LEVELS.get(event.name, logging.DEBUG)


def _log(event: CacheEvent, level: int) -> None:
    fields = {"key": event.key, "detail": event.detail, "ms": round(event.ms, 2)}
    known = {name: value for name, value in fields.items() if value}
    logger("cache").log(level, _cache_words(event.name), **known)


def _cache_words(name: EventName) -> str:
    match name:
        case EventName.STORE_LOST:
            return "Redis lost: answers come from PostgreSQL"
        case EventName.STORE_CHANGED:
            return "Redis is another server than before: every answer is loaded anew"
        case EventName.UNTRACKED:
            return "Redis does not tell of clears, so nothing is kept in memory: grant +client|tracking"
        case EventName.STORE_BACK:
            return "Redis back"
        case _:
            return str(name.value)


def watch_database(event: DatabaseEvent) -> None:
    match event:
        case Lost(detail):
            logger("database").warning("PostgreSQL lost", detail=detail)
        case Back(after_ms):
            logger("database").warning("PostgreSQL back", after_ms=round(after_ms))
        case Slow(text, ms, rows):
            logger("database").info("slow query", ms=round(ms), rows=rows, sql=text)
        case Pooled(sign):
            logger("database").warning("a pooler stands before PostgreSQL: no prepared statements", sign=sign)


def report_internal(request_id: str, error: BaseException) -> None:
    """An error that the engineer must see, with the id that its answer shows."""
    cause = error.__cause__
    if isinstance(cause, DatabaseError):
        words = {"detail": cause.detail, "sqlstate": cause.sqlstate, "request_id": request_id}
        logger("graphql").error(f"PostgreSQL refused: {error}", **words)
    else:
        logger("graphql").error("internal error", request_id=request_id, exc_info=error)
