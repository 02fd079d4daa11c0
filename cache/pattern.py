"""The fence around our own keys."""

import re
from collections.abc import Sequence
from itertools import product
from typing import Final

from cache.tokens import BUCKET_DIGITS, EVERYTHING, MEMORY, bucket_of

_GLOB: Final = re.compile(r"([*?\[\]\\^-])")


class OutsidePrefix(ValueError):
    """A name or pattern that could reach keys of other applications."""

    def __init__(self, pattern: str, prefix: str) -> None:
        super().__init__(
            f"{pattern!r} reaches outside this cache's keys: it must begin with {prefix + ':'!r}, "
            f"as in {prefix + ':*'!r}."
        )
        self.pattern = pattern
        self.prefix = prefix


def confined(pattern: str, prefix: str) -> str:
    """The glob of `pattern` with `prefix` taken literally; refuses what is not under the prefix."""
    rest = _rest(pattern, prefix)
    return escaped(prefix) + ":" + rest


def owned(name: str, prefix: str) -> str:
    """`name` itself, when it is one of ours."""
    _rest(name, prefix)
    return name


def tags_of(pattern: str, prefix: str) -> tuple[str, ...]:
    """What is to be invalidated so that no answer that matches is shown, nor one that is being loaded.

    Names end in random digits, so a narrow pattern stands for the few buckets that it can reach, and one
    whose first digit is open for everything.
    """
    _rest(pattern, prefix)
    start = f"{prefix}:query:"
    literal = _GLOB.split(pattern, maxsplit=1)[0]
    digits = literal.removeprefix(start)[:BUCKET_DIGITS] if literal.startswith(start) else ""
    if not digits:
        return (EVERYTHING,)
    rest = product("0123456789abcdef", repeat=BUCKET_DIGITS - len(digits))
    return (MEMORY, *(bucket_of(f"{start}{digits}{''.join(more)}") for more in rest))


def tag_for(name: str, tags: Sequence[str]) -> str:
    """That of the tags of a pattern which every answer of this name is stamped with."""
    return EVERYTHING if EVERYTHING in tags else bucket_of(name)


def escaped(text: str) -> str:
    """`text` as a glob that matches only itself."""
    return _GLOB.sub(r"\\\1", text)


def _rest(pattern: str, prefix: str) -> str:
    ours = prefix + ":"
    if not prefix or not pattern.startswith(ours) or pattern == ours:
        raise OutsidePrefix(pattern, prefix)
    return pattern.removeprefix(ours)
