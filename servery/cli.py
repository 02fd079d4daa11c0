"""The command line: `servery serve`, `servery demo`, `servery check`, `servery ask`, ..."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from db.errors import DatabaseError
from model.faults import ModelInvalid
from model.load import load_model
from schema.build import Schema
from servery import __version__
from servery.ask.command import run_ask
from servery.ask.given import question_text, variables_of
from servery.caching.command import caching_app
from servery.check.command import run_check
from servery.demo.marker import LoadRefused
from servery.embedded.errors import EmbeddedError
from servery.events.command import events_app
from servery.observe import configure_logs, logger, report_internal
from servery.serving import leave_quietly, serve
from servery.settings import Settings, SettingsInvalid, settings_from_environment, unknown_settings

app = typer.Typer(
    help="GraphQL analytics over PostgreSQL: always fast, never wrong.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(events_app, name="events")
app.add_typer(caching_app, name="cache")

Model = Annotated[Path | None, typer.Option(help="The model: a YAML file, or a folder of them.")]
Host = Annotated[str | None, typer.Option(help="The address to listen on.")]
Port = Annotated[int | None, typer.Option(help="The port to listen on.", min=0, max=65535)]


@app.command("serve")
def serve_command(
    model: Model = None,
    host: Host = None,
    port: Port = None,
    workers: Annotated[int, typer.Option(help="How many processes.", min=1)] = 1,
    reload: Annotated[bool, typer.Option(help="Start anew when code changes (for development).")] = False,  # noqa: FBT002  typer wants it so
) -> None:
    """Serve a model over the PostgreSQL of DATABASE_URL and the Redis of REDIS_URL."""
    settings = _settings(model, host, port)
    load_model(settings.model)
    serve(settings, workers, reload=reload)


@app.command()
def demo(
    host: Host = None,
    port: Port = None,
    sales: Annotated[int, typer.Option(help="How many sales the example has.", min=1000)] = 500_000,
) -> None:
    """Serve the restaurant example, with PostgreSQL and Valkey of its own."""
    from servery.demo.run import run_demo  # noqa: PLC0415  numpy and the servers are only there for the demo

    settings = _settings(None, host, port)
    leave_quietly()
    asyncio.run(run_demo(settings, Console(), sales=sales))


@app.command("check")
def check_command(
    model: Model = None,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail, too.")] = False,  # noqa: FBT002  typer wants it so
) -> None:
    """Hold a model against the PostgreSQL of DATABASE_URL."""
    settings = _settings(model, None, None)
    raise typer.Exit(asyncio.run(run_check(settings, Console(), Console(stderr=True), strict=strict)))


@app.command("ask")
def ask_command(
    question: Annotated[
        str,
        typer.Argument(
            help="The arguments of a question, a GraphQL query, a file that holds one, or - for input."
        ),
    ],
    model: Model = None,
    variables: Annotated[str, typer.Option(help="The query's variables, as JSON.")] = "{}",
    as_json: Annotated[bool, typer.Option("--json", help="Print the response as JSON.")] = False,  # noqa: FBT002  typer wants it so
) -> None:
    """Ask the PostgreSQL of DATABASE_URL a question: the answer, how it came about, and its SQL."""
    settings = _settings(model, None, None)
    text = question_text(question)
    given = variables_of(variables)
    out, err = Console(), Console(stderr=True)
    raise typer.Exit(asyncio.run(run_ask(settings, text, given, out, err, as_json=as_json)))


@app.command()
def schema(model: Model = None) -> None:
    """Print the GraphQL schema (SDL) of a model."""
    found = load_model(_settings(model, None, None).model)
    typer.echo(Schema(found, report_internal).sdl, nl=False)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def _settings(model: Path | None, host: str | None, port: int | None) -> Settings:
    """Options win over the environment, also for the workers, which read the environment."""
    for name, value in (("MODEL", model), ("HOST", host), ("PORT", port)):
        if value is not None:
            os.environ[f"SERVERY_{name}"] = str(value)
    settings = settings_from_environment()
    configure_logs(settings)
    for sentence in unknown_settings():
        logger("servery").warning(sentence)
    return settings


def main() -> None:
    """Run the command line; a mistake ends it with its sentence and no traceback."""
    try:
        app()
    except (ModelInvalid, SettingsInvalid, DatabaseError, EmbeddedError, LoadRefused, OSError) as error:
        typer.echo(f"servery: {error}", err=True)
        raise SystemExit(1) from None
