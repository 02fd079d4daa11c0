"""Fetches rows; the only room that knows asyncpg, and it knows no other room."""

from db.database import Column, Database, Result, Row
from db.errors import (
    BadValue,
    DatabaseError,
    Misconfigured,
    Overloaded,
    QueryTimeout,
    Refused,
    Unavailable,
)
from db.events import Back, Event, Lost, Pooled, Slow
from db.postgres import PostgresDatabase
from db.settings import PoolSettings
from db.startup import wait_until_ready

__all__ = [
    "Back",
    "BadValue",
    "Column",
    "Database",
    "DatabaseError",
    "Event",
    "Lost",
    "Misconfigured",
    "Overloaded",
    "PoolSettings",
    "Pooled",
    "PostgresDatabase",
    "QueryTimeout",
    "Refused",
    "Result",
    "Row",
    "Slow",
    "Unavailable",
    "wait_until_ready",
]
