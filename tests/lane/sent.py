"""A request as it is sent, and the ways to write one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

JSON = (b"content-type", b"application/json")
Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Sent:
    method: str
    query_string: bytes = b""
    body: bytes = b""
    headers: Headers = ()

    def under(self, *headers: tuple[bytes, bytes]) -> "Sent":
        """With more headers."""
        return replace(self, headers=(*self.headers, *headers))


def posted(asked: object) -> Sent:
    return Sent("POST", body=json.dumps(asked).encode(), headers=(JSON,))


def got(asked: Mapping[str, Any], method: str = "GET") -> Sent:
    """Objects travel as JSON in the address."""
    fields = {name: each if isinstance(each, str) else json.dumps(each) for name, each in asked.items()}
    return Sent(method, query_string=urlencode(fields).encode())


def asks(document: str) -> Sent:
    return posted({"query": document})
