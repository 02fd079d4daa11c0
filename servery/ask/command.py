"""`servery ask`: from settings and a question to an exit code."""

from datetime import UTC, datetime
from typing import Any

import orjson
from rich.console import Console

from cache.cache import Cache
from cache.empty import EmptyStore
from db.postgres import PostgresDatabase
from model.faults import Fault
from model.load import load_model
from model.viewer import ADMIN, Viewer
from plan.limits import Limits
from resolvers.admin import Admin
from resolvers.analytics import Analytics
from resolvers.rules import Rules
from schema.build import Request, Schema
from schema.context import Context, Services
from servery.ask.document import document_of
from servery.ask.report import tell_answer
from servery.derived import pool_settings
from servery.observe import report_internal
from servery.settings import Settings

ANSWERED, REFUSED = 0, 1
OPERATOR = Viewer("servery ask", roles=frozenset({ADMIN}))


async def run_ask(
    settings: Settings, text: str, variables: dict[str, Any], out: Console, err: Console, *, as_json: bool
) -> int:
    """The exit code: 0 when every question was answered, 1 when one was refused or failed.

    Asks the database, never the cache. Raises ModelInvalid.
    """
    model = load_model(settings.model)
    try:
        request = Request(document_of(text), variables or None, may_change=False)
    except Fault as fault:
        err.print(f"servery: {fault.message}", soft_wrap=True, markup=False, highlight=False)
        return REFUSED
    database, cache = PostgresDatabase(pool_settings(settings)), Cache(EmptyStore())
    rules = Rules(default_limit=settings.default_limit, limits=Limits(rows=settings.max_limit))
    analytics = Analytics(model, database, cache, lambda: datetime.now(UTC), rules)
    try:
        services = Services(analytics, Admin(cache, analytics))
        response = await Schema(model, report_internal).execute(request, Context(services, OPERATOR, "ask"))
    finally:
        await cache.close()
        await database.close()
    found = orjson.loads(orjson.dumps(response, default=_spliced))
    for error in found.get("errors", []):
        if error["extensions"]["code"] == "DATABASE_UNAVAILABLE":
            place = pool_settings(settings).place
            error["message"] += f" It was looked for at {place}; DATABASE_URL names another one."
    return _tell(found, out, err, as_json=as_json)


def _tell(response: dict[str, Any], out: Console, err: Console, *, as_json: bool) -> int:
    errors = response.get("errors", [])
    if as_json:
        out.print_json(data=response)
    else:
        for name, answer in (response.get("data") or {}).items():
            if answer is not None:
                tell_answer(name, answer, out)
        for error in errors:
            told = f"servery: {error['extensions']['code']}: {error['message']}"
            err.print(told, soft_wrap=True, markup=False, highlight=False)
    return REFUSED if errors else ANSWERED


def _spliced(value: object) -> object:
    if isinstance(value, bytes):
        return orjson.Fragment(value)
    raise TypeError(type(value).__name__)
