"""The name under which an answer is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import md5, sha256

from cache.canonical import Encoded, canonical_text

FORMAT = 3
"""Raised when the encoding of keys or entries changes: entries of another format are never found."""


@dataclass(frozen=True, slots=True)
class CacheKey:
    """Equal questions share a key; different questions, scopes or versions never do.

    `name` is what Redis sees. `sha256` and `scope` are compared on every hit, so that two
    texts with one MD5 cannot swap their answers, nor two tenants.
    """

    name: str
    sha256: str
    scope: str
    text: str = field(repr=False)

    @classmethod
    def of(
        cls, prefix: str, arguments: Mapping[str, object], *, scope: Mapping[str, object], version: str
    ) -> "CacheKey":
        """Leave out what is absent: an argument that is null is another question than one not given.

        `scope` says who may see the answer, `version` which definitions it was computed by.
        """
        if not prefix or not prefix.isprintable() or " " in prefix:
            raise ValueError(f"The prefix of a key must be visible text without spaces, not {prefix!r}.")
        seen_by = Encoded(scope)
        question = {"format": FORMAT, "version": version, "scope": seen_by, "arguments": arguments}
        text = canonical_text(question)
        return cls(
            name=f"{prefix}:query:{md5(text, usedforsecurity=False).hexdigest()}",
            sha256=sha256(text).hexdigest(),
            scope=sha256(seen_by.text).hexdigest()[:16],
            text=text.decode(),
        )
