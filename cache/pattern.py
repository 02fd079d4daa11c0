"""The fence around our own keys."""

import re
from typing import Final

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


def escaped(text: str) -> str:
    """`text` as a glob that matches only itself."""
    return _GLOB.sub(r"\\\1", text)


def _rest(pattern: str, prefix: str) -> str:
    ours = prefix + ":"
    if not prefix or not pattern.startswith(ours) or pattern == ours:
        raise OutsidePrefix(pattern, prefix)
    return pattern.removeprefix(ours)
