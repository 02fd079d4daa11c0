"""A table of tokens that never holds one that changed while it was on its way."""

from collections.abc import Mapping, Sequence
from typing import Final

from cache.tokens import Stamps

_MOST: Final = 50_000


class Known:
    """Every change is numbered; what was asked for before the latest change of its tag is not learnt."""

    def __init__(self) -> None:
        self._tokens: dict[str, str] = {}
        self._count = 0
        self._changed_at: dict[str, int] = {}
        self._all_changed_at = 0

    @property
    def tokens(self) -> Mapping[str, str]:
        return self._tokens

    def stamps(self, tags: Sequence[str]) -> Stamps | None:
        """The tokens of `tags`, or None when one is not known."""
        tokens = self._tokens
        try:
            return {tag: tokens[tag] for tag in tags}
        except KeyError:
            return None

    def mark(self) -> int:
        return self._count

    def learn(self, tokens: Mapping[str, str], since: int) -> None:
        """Those that did not change after `since`, a mark taken before they were asked for."""
        if self._all_changed_at > since:
            return
        for tag, token in tokens.items():
            if self._changed_at.get(tag, 0) <= since:
                if self._tokens.get(tag, token) != token:
                    self._count += 1  # it was changed, and the word of it is still on its way
                self._tokens[tag] = token
        if len(self._tokens) > _MOST:
            self.clear()

    def changed(self, tag: str | None) -> None:
        """The token of this tag is another from now on; with None, of every tag."""
        if tag is None or len(self._changed_at) > _MOST:
            self.clear()
            return
        self._count += 1
        self._tokens.pop(tag, None)
        self._changed_at[tag] = self._count

    def clear(self) -> None:
        self._count += 1
        self._tokens.clear()
        self._changed_at.clear()
        self._all_changed_at = self._count
