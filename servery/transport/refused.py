"""What is no GraphQL request, or none that is taken here: nothing of it is executed."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


class BadRequest(Exception):
    """Is answered with `response`, as JSON."""

    def __init__(
        self,
        message: str,
        status: int = 400,
        code: str = "BAD_REQUEST",
        headers: Mapping[str, str] = NO_HEADERS,
        **fields: object,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers
        self.response = {"errors": [{"message": message, "extensions": {"code": code, **fields}}]}
