"""What a follower reports to whoever observes it, and how that is logged."""

from collections.abc import Callable
from dataclasses import dataclass

from servery.observe import logger


@dataclass(frozen=True, slots=True)
class Leads:
    """This process follows the database for its deployment from now on."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection failed; it is opened again. `detail` is for logs only."""

    detail: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody can tell what changed, so everything did."""

    reason: str


@dataclass(frozen=True, slots=True)
class Outdated:
    """So many tags were set; the first of the changes was written so long ago."""

    tags: int
    after_ms: float


@dataclass(frozen=True, slots=True)
class Waits:
    """Answers cannot be outdated now; the same changes are read again until they are."""

    detail: str


@dataclass(frozen=True, slots=True)
class Absent:
    """There are no change events to read."""

    detail: str


@dataclass(frozen=True, slots=True)
class Uncovered:
    """Changes of this relation, or of some of its partitions, are not told."""

    relation: str


@dataclass(frozen=True, slots=True)
class KeyFailed:
    """The refresh key of a table has no result."""

    table: str
    detail: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A mistake of ours; it goes on from the beginning."""

    error: BaseException


Event = Leads | Lost | Gap | Outdated | Waits | Absent | Uncovered | KeyFailed | Broken
Observe = Callable[[Event], None]


def watch_events(event: Event) -> None:
    """What operators must know is loud; single changes are for debugging."""
    log = logger("events")
    match event:
        case Leads():
            log.info("this process follows change events")
        case Lost(detail):
            log.warning("change events: PostgreSQL lost; connecting again", detail=detail)
        case Gap(reason):
            log.warning("change events: every table counts as changed", reason=reason)
        case Outdated(tags, after_ms):
            log.debug("change events: answers outdated", tags=tags, after_ms=round(after_ms))
        case Waits(detail):
            log.warning("change events wait for Redis", detail=detail)
        case Absent(detail):
            log.warning("no change events: run 'servery events install --grant-to <role>'", detail=detail)
        case Uncovered(relation):
            log.warning("not all changes of a table are told: run 'servery events install'", table=relation)
        case KeyFailed(table, detail):
            log.warning("a refresh key has no result", table=table, detail=detail)
        case Broken(error):
            log.error("change events: internal error", exc_info=error)


def unobserved(_event: Event) -> None:
    """Observe nothing."""
