"""A request that went through GraphQL."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from schema.build import Request
from schema.context import Context

OK: Final = "OK"


class Counted(Protocol):
    """Is told of requests: their status, the code of their first error or OK, and how many they were."""

    def __call__(self, status: int, code: str, requests: int = 1) -> None: ...


def uncounted(status: int, code: str, requests: int = 1) -> None:
    """For endpoints that nobody watches."""


@dataclass(frozen=True, slots=True)
class Executed:
    """A request that was executed in `context`, and its response map."""

    request: Request
    context: Context
    response: Mapping[str, Any]

    def let_go(self) -> None:
        """Of the rows: after an error they would live until garbage is searched.

        Its traceback refers to all that was going on, and that to the error.
        """
        self.context.answers.clear()

    @property
    def code(self) -> str:
        """Of its first error, or OK."""
        errors = self.response.get("errors")
        return str(errors[0]["extensions"]["code"]) if errors else OK
