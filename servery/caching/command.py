"""`servery cache stats | clear | warm | keys | explain`: from the command line to an exit code."""

import asyncio
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from cache.tokens import Mode
from resolvers.warm import Origin
from servery.caching.clear import run_clear
from servery.caching.explain import run_explain
from servery.caching.keys import run_keys
from servery.caching.stats import run_stats
from servery.caching.warm import run_warm
from servery.observe import configure_logs
from servery.settings import Settings, settings_from_environment

caching_app = typer.Typer(
    help="The cache in the Redis of REDIS_URL: what it does, what lies there, and making it new.",
    no_args_is_help=True,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON, with the names that GraphQL has.")]
Model = Annotated[Path | None, typer.Option(help="The model: a YAML file, or a folder of them.")]
Pattern = Annotated[str | None, typer.Option(help="A glob within our keys, such as 'analytics:query:0*'.")]


@caching_app.command("stats")
def stats_command(as_json: Json = False) -> None:  # noqa: FBT002  typer wants it so
    """Show what the cache does, over all processes that run."""
    _leave(run_stats(_settings(), Console(), Console(stderr=True), as_json=as_json))


@caching_app.command("clear")
def clear_command(
    pattern: Pattern = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(
            help="Only answers that depend on it: table:sales, table:sales@2026-01, date:2026-01, store_id:2"
        ),
    ] = None,
    expire: Annotated[  # noqa: FBT002  typer wants it so
        bool, typer.Option("--expire", help="They may still be shown, flagged, when PostgreSQL fails.")
    ] = False,
    model: Model = None,
) -> None:
    """Show no answer from before now: none at all, none of a pattern, or none that depends on a tag."""
    if pattern is not None and tag:
        raise typer.BadParameter("Clear by --pattern or by --tag, one after the other.")
    mode = Mode.EXPIRE if expire else Mode.PURGE
    out, err = Console(), Console(stderr=True)
    _leave(run_clear(_settings(model), out, err, pattern=pattern, tags=tag or (), mode=mode))


@caching_app.command("warm")
def warm_command(
    top: Annotated[int, typer.Option(help="How many questions of the traffic.", min=0)] = 20,
    sources: Annotated[
        list[Origin] | None, typer.Option("--from", help="Where the questions come from: both, if not told.")
    ] = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="Load answers that are there, too.")] = False,  # noqa: FBT002
    model: Model = None,
) -> None:
    """Ask questions ahead: those that the model lists, and those of the traffic that cost the most."""
    out, err = Console(), Console(stderr=True)
    found = sources or list(Origin)
    _leave(run_warm(_settings(model), out, err, top=top, sources=found, refresh=refresh))


@caching_app.command("keys")
def keys_command(
    pattern: Pattern = None,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1)] = 50,
    as_json: Json = False,  # noqa: FBT002  typer wants it so
) -> None:
    """List answers that lie in Redis: how old they are, what they are good for, what they cost."""
    out, err = Console(), Console(stderr=True)
    _leave(run_keys(_settings(), out, err, pattern=pattern, limit=limit, as_json=as_json))


@caching_app.command("explain")
def explain_command(
    key: Annotated[str, typer.Argument(help="As metadata.cacheKey tells it, or the digits at its end.")],
    as_json: Json = False,  # noqa: FBT002  typer wants it so
) -> None:
    """Explain why an answer is shown out of the cache, or is not."""
    _leave(run_explain(_settings(), key, Console(), Console(stderr=True), as_json=as_json))


def _leave(work: Coroutine[Any, Any, int]) -> None:
    raise typer.Exit(asyncio.run(work))


def _settings(model: Path | None = None) -> Settings:
    """An option wins over the environment."""
    if model is not None:
        os.environ["SERVERY_MODEL"] = str(model)
    settings = settings_from_environment()
    configure_logs(settings)
    return settings
