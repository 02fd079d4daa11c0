"""Documents that have a name: trusted ones from a list, and those that clients have sent once before.

The latter is Apollo's protocol of automatic persisted queries: a client sends the SHA-256 of its document
alone, and the document too when it is told that nobody knows it.
"""

import sys
from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from cachetools import LRUCache

from model.viewer import ADMIN, Viewer
from servery.transport.reading import Asked
from servery.transport.refused import BadRequest

NOTHING_TRUSTED: Final[Mapping[str, str]] = MappingProxyType({})
MOST: Final = 1_000
MOST_BYTES: Final = 4 * 1024 * 1024
PREFIX: Final = "sha256:"
"""Of a documentId, by the specification of GraphQL over HTTP."""


class Documents:
    """`trusted` are documents by their hash or another name; with `only`, administrators alone ask others.

    What is learnt stays in this process, within `most` documents and `most_bytes`; what was not used for the
    longest time goes first.
    """

    def __init__(
        self,
        trusted: Mapping[str, str] = NOTHING_TRUSTED,
        *,
        only: bool = False,
        most: int = MOST,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._trusted = trusted
        self._texts = frozenset(trusted.values())
        self._only = only
        self._most = most
        self._learnt: LRUCache[str, str] = LRUCache(most_bytes, getsizeof=sys.getsizeof)

    def document_of(self, asked: Asked, viewer: Viewer) -> str:
        """Raises BadRequest for a name that is not known, and for what is not trusted."""
        any_will_do = not self._only or ADMIN in viewer.roles
        if asked.query is not None:
            return self._of_text(asked.query, asked.hashed, any_will_do=any_will_do)
        if asked.document_id is not None:
            name = asked.document_id
            if (found := self._known(name, any_will_do=any_will_do)) is None:
                raise _untrusted(f"No document is known here as '{name}'.")
            return found
        if (found := self._known(str(asked.hashed), any_will_do=any_will_do)) is not None:
            return found
        if not any_will_do:
            raise _untrusted("This document is not among the trusted ones.")
        # The words are those that Apollo's clients look for, and so is the status.
        raise BadRequest("PersistedQueryNotFound", 200, "PERSISTED_QUERY_NOT_FOUND")

    def learn(self, asked: Asked) -> None:
        """Keep the document under the hash that it was sent with. Call it for what is a valid one."""
        if asked.query is None or asked.hashed is None or _hash_of(asked.query) != asked.hashed:
            return
        if len(self._learnt) >= self._most and asked.hashed not in self._learnt:
            self._learnt.popitem()
        if sys.getsizeof(asked.query) <= self._learnt.maxsize:
            self._learnt[asked.hashed] = asked.query

    def _of_text(self, query: str, hashed: str | None, *, any_will_do: bool) -> str:
        if hashed is not None and self._trusted.get(hashed) != query and _hash_of(query) != hashed:
            raise BadRequest("'sha256Hash' is not the SHA-256 of 'query'. Send the one of its exact text.")
        if not any_will_do and query not in self._texts:
            raise _untrusted("This document is not among the trusted ones.")
        return query

    def _known(self, name: str, *, any_will_do: bool) -> str | None:
        bare = name.removeprefix(PREFIX)
        found = self._trusted.get(name) or self._trusted.get(bare)
        if found is None and any_will_do:
            return self._learnt.get(bare)
        return found


def _untrusted(message: str) -> BadRequest:
    return BadRequest(f"{message} Ask who runs this service to add it.", 403, "DOCUMENT_NOT_TRUSTED")


def _hash_of(query: str) -> str:
    return sha256(query.encode()).hexdigest()
