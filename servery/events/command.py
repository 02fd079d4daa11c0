"""`servery events install | remove | status`: from settings to an exit code."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from db.errors import DatabaseError
from db.outbox.install import install
from db.outbox.owner import Owner, owner
from db.outbox.remove import remove
from db.outbox.status import status
from db.postgres import PostgresDatabase
from model.load import load_model
from model.model import Model
from model.refresh import Refresh
from servery.derived import pool_settings
from servery.events.refresh import result_of, statement_of
from servery.events.report import tell_installed, tell_removed, tell_status
from servery.events.sources import sources_of
from servery.observe import configure_logs
from servery.settings import Settings, settings_from_environment

DONE, NOT_DONE, NOT_REACHED = 0, 1, 2

events_app = typer.Typer(help="Change events: the database tells what changed.", no_args_is_help=True)

ModelPath = Annotated[
    Path | None, typer.Option("--model", help="The model: a YAML file, or a folder of them.")
]
Roles = Annotated[
    list[str], typer.Option("--grant-to", help="A role that may read the changes: the service's. Repeatable.")
]
Keep = Annotated[
    bool, typer.Option("--keep", help="Leave tables of other models over the same database alone.")
]


@events_app.command("install")
def install_command(model: ModelPath = None, grant_to: Roles = [], keep: Keep = False) -> None:  # noqa: B006, FBT002  typer wants it so
    """Make the PostgreSQL of DATABASE_URL tell what changes. Run it as the owner of the tables."""
    settings = _settings(model)
    raise typer.Exit(asyncio.run(run_install(settings, Console(), Console(stderr=True), grant_to, keep=keep)))


@events_app.command("remove")
def remove_command() -> None:
    """Take away everything that install has made, and nothing else."""
    settings = _settings(None)
    raise typer.Exit(asyncio.run(run_remove(settings, Console(), Console(stderr=True))))


@events_app.command("status")
def status_command(model: ModelPath = None) -> None:
    """Tell of each table whether its changes are told, and what was written."""
    settings = _settings(model)
    raise typer.Exit(asyncio.run(run_status(settings, Console(), Console(stderr=True))))


async def run_install(
    settings: Settings, out: Console, err: Console, grant_to: list[str], *, keep: bool = False
) -> int:
    """The exit code: 0 when every table has what it can have, 1 when not, 2 when the database refuses.

    Raises ModelInvalid.
    """
    model = load_model(settings.model)

    async def work(own: Owner) -> bool:
        found = await install(own, sources_of(model), grant_to=grant_to, keep=keep)
        return tell_installed(found, keys_of(model), out)

    return await _over(settings, err, work)


async def run_remove(settings: Settings, out: Console, err: Console) -> int:
    """The exit code: 0 when nothing is left, 1 when tables keep their triggers, 2 when it is refused."""

    async def work(own: Owner) -> bool:
        return tell_removed(await remove(own), out)

    return await _over(settings, err, work)


async def run_status(settings: Settings, out: Console, err: Console) -> int:
    """The exit code: 0 when what is installed fits the model, 1 when not, 2 when it cannot be read.

    Raises ModelInvalid.
    """
    model = load_model(settings.model)
    keys = keys_of(model)

    async def work(own: Owner) -> bool:
        found = await status(own, sources_of(model))
        return tell_status(found, keys, await _results(settings, keys), out)

    return await _over(settings, err, work)


def keys_of(model: Model) -> dict[str, Refresh]:
    return {name: table.refresh for name, table in model.tables.items() if table.refresh}


async def _results(settings: Settings, keys: dict[str, Refresh]) -> dict[str, str]:
    """What each key gives, or why it gives nothing."""
    database = PostgresDatabase(pool_settings(settings))
    found = {}
    try:
        for name, key in keys.items():
            try:
                found[name] = result_of((await database.fetch(statement_of(key))).rows)
            except DatabaseError as error:
                found[name] = f"fails: {error.detail or error}"
    finally:
        await database.close()
    return found


async def _over(settings: Settings, err: Console, work: Callable[[Owner], Awaitable[bool]]) -> int:
    pool = pool_settings(settings)
    try:
        async with owner(pool.url) as own:
            return DONE if await work(own) else NOT_DONE
    except DatabaseError as error:
        message = f"servery: PostgreSQL at {pool.place}: {error.detail or error}"
        err.print(message, soft_wrap=True, markup=False, highlight=False)
        return NOT_REACHED


def _settings(model: Path | None) -> Settings:
    """An option wins over the environment."""
    if model is not None:
        os.environ["SERVERY_MODEL"] = str(model)
    settings = settings_from_environment()
    configure_logs(settings)
    return settings
