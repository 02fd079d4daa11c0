"""What a newcomer reads when everything runs."""

import json
import shlex

from rich.console import Console

from model.model import Model
from servery.auth import Tokens
from servery.question import first_question


def welcome(console: Console, model: Model, address: str, tokens: Tokens) -> None:
    """Addresses, the admin token when it was made here, and one question to paste."""
    lines = [
        "",
        "[bold]Servery is ready.[/bold]",
        f"  GraphiQL     {address}/graphql  (open it in a browser)",
        f"  Health       {address}/health/ready",
    ]
    if tokens.made:
        lines.append(f"  Admin token  {tokens.admin}  (for clearCache and deleteCacheKey)")
    console.print("\n".join(lines), highlight=False, soft_wrap=True)
    console.print("\nAsk it something; a second time the answer comes from the cache:\n", highlight=False)
    console.print(curl(address, first_question(model)), highlight=False, markup=False, soft_wrap=True)
    console.print("\nCtrl-C stops everything.", highlight=False)


def curl(address: str, question: str) -> str:
    """A line for the shell, the question on one line."""
    body = json.dumps({"query": " ".join(question.split())})
    return f"curl -s {address}/graphql -H 'Content-Type: application/json' -d {shlex.quote(body)}"
