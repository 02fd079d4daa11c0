"""Every way in which PostgreSQL may not answer, as a small family of plain errors.

`str(error)` is a sentence for the person who asked: it holds no SQL, no address and no message of
the database. `sqlstate` and `detail` hold those, for logs only.
"""

from typing import ClassVar

RETRY_AFTER_MS = 1_000
"""What callers are told to wait when PostgreSQL itself is short of something: about one query's time."""


class DatabaseError(Exception):
    """The family, and the member for what no other member describes."""

    sentence: ClassVar[str] = "The database could not answer this question."

    def __init__(self, sentence: str = "", *, sqlstate: str | None = None, detail: str = "") -> None:
        super().__init__(sentence or self.sentence)
        self.sqlstate = sqlstate
        self.detail = detail


class Unavailable(DatabaseError):
    """PostgreSQL cannot be reached, or went away while it was asked."""

    sentence = "The database cannot be reached at the moment. Try again soon."


class Misconfigured(Unavailable):
    """PostgreSQL is there and turns this service away; waiting does not help, `detail` says what would."""


class ConnectionLost(Unavailable):
    """A connection that worked broke while a statement ran on it; a new one may well work."""


class Overloaded(DatabaseError):
    """Too much is asked at once."""

    def __init__(self, retry_after_ms: int, *, sqlstate: str | None = None, detail: str = "") -> None:
        super().__init__(
            f"The database is busy. Try again in {retry_after_ms} ms.", sqlstate=sqlstate, detail=detail
        )
        self.retry_after_ms = retry_after_ms


class Conflict(Overloaded):
    """Another transaction stood in the way; the same statement may succeed when it is run again."""


class QueryTimeout(DatabaseError):
    """The statement was stopped at its limit."""

    def __init__(self, timeout_ms: int, *, sqlstate: str | None = None, detail: str = "") -> None:
        super().__init__(
            f"The question took longer than {timeout_ms} ms and was stopped. "
            "Ask for less: a shorter date range, fewer dimensions, or more filters.",
            sqlstate=sqlstate,
            detail=detail,
        )
        self.timeout_ms = timeout_ms


class Refused(DatabaseError):
    """PostgreSQL does not accept the statement: it is wrong, it writes, or it is not permitted."""

    sentence = "The database refused this question."


class BadValue(DatabaseError):
    """A value is out of range, malformed, or leads to a calculation without a result."""

    sentence = "A value in this question is out of range or cannot be calculated with."


_BY_STATE: dict[str, type[DatabaseError]] = {
    "25P03": ConnectionLost,  # idle in a transaction for too long: the server has hung up
    "25P04": QueryTimeout,
    "40001": Conflict,
    "40P01": Conflict,
    "55P03": Overloaded,  # a lock was not to be had
    "57014": QueryTimeout,
}
_BY_CLASS: dict[str, type[DatabaseError]] = {
    "08": Unavailable,
    "0A": Refused,
    "21": Refused,
    "22": BadValue,
    "25": Refused,
    "26": Refused,
    "28": Misconfigured,
    "3D": Misconfigured,
    "3F": Refused,
    "40": Overloaded,
    "42": Refused,
    "44": Refused,
    "53": Overloaded,
    "54": Refused,
    "55": Refused,
    "57": Unavailable,
    "P0": Refused,
}


def error_of(sqlstate: str, detail: str, *, timeout_ms: int) -> DatabaseError:
    """Return the member that `sqlstate` stands for; an unknown one is the plain `DatabaseError`."""
    kind = _BY_STATE.get(sqlstate) or _BY_CLASS.get(sqlstate[:2], DatabaseError)
    if issubclass(kind, QueryTimeout):
        return kind(timeout_ms, sqlstate=sqlstate, detail=detail)
    if issubclass(kind, Overloaded):
        return kind(RETRY_AFTER_MS, sqlstate=sqlstate, detail=detail)
    return kind(sqlstate=sqlstate, detail=detail)
