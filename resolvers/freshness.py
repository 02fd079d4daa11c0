"""What a caller takes, in the words of the cache."""

from cache.lifetime import ANY, Freshness, Use

__all__ = ["AHEAD", "AHEAD_ANEW", "ANY", "Freshness", "freshness_of"]

AHEAD = Freshness(keep=True)
"""For questions that are asked before anybody does."""

AHEAD_ANEW = Freshness(Use.REFRESH, keep=True)


def freshness_of(max_age_s: int | None, use: str) -> Freshness:
    """`max_age_s` in seconds; `use` is the name of a `Use`."""
    return Freshness(Use[use], None if max_age_s is None else max_age_s * 1000)
