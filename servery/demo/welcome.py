"""What a newcomer reads when everything runs."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from model.model import Model
from servery.auth import Tokens
from servery.question import first_question


def welcome(console: Console, model: Model, address: str, tokens: Tokens, notes: Mapping[str, Path]) -> None:
    """Addresses, the admin token when it was made here, and one question to paste.

    `notes` are the files that hold the addresses of the embedded servers.
    """
    lines = [
        "",
        "[bold]Servery is ready.[/bold]",
        f"  GraphiQL     {address}/graphql  (open it in a browser)",
        f"  Health       {address}/health/ready",
    ]
    if tokens.made:
        lines.append(f"  Admin token  {tokens.admin}  (for the mutations, metadata.plan and metadata.sql)")
    if note := notes.get("database_url"):
        lines.append(
            f"  PostgreSQL   DATABASE_URL=$(cat {_short(note)})  (for servery ask, servery check and psql)"
        )
    if note := notes.get("redis_url"):
        lines.append(f"  Valkey       REDIS_URL=$(cat {_short(note)})  (for servery cache)")
    console.print("\n".join(lines), highlight=False, soft_wrap=True)
    console.print("\nAsk it something; a second time the answer comes from the cache:\n", highlight=False)
    console.print(curl(address, first_question(model)), highlight=False, markup=False, soft_wrap=True)
    console.print("\nCtrl-C stops everything.", highlight=False)


def _short(path: Path) -> Path:
    """As it is typed in the folder where the service was started."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def curl(address: str, question: str) -> str:
    """A line for the shell, the question on one line."""
    body = json.dumps({"query": " ".join(question.split())})
    return f"curl -s {address}/graphql -H 'Content-Type: application/json' -d {shlex.quote(body)}"
