"""How old an answer may be, and what a question wants of the cache."""

from enum import Enum

import strawberry

from model.faults import Fault
from model.viewer import Viewer
from resolvers.freshness import Freshness, freshness_of
from resolvers.roles import require_admin


@strawberry.enum(description="What a question wants of the cache.")
class CacheUse(Enum):
    DEFAULT = strawberry.enum_value("DEFAULT", description="An answer that is kept, as long as it is good.")
    REFRESH = strawberry.enum_value(
        "REFRESH", description="Load anew, and keep that for all who ask later. For administrators."
    )
    BYPASS = strawberry.enum_value("BYPASS", description="Neither look nor keep. For administrators.")


def freshness(max_age: int | None, use: CacheUse, viewer: Viewer) -> Freshness:
    """Raises INVALID_MAX_AGE, and UNAUTHENTICATED for what only administrators may have of the cache."""
    if use is not CacheUse.DEFAULT:
        require_admin(viewer)
    if max_age is not None and max_age < 0:
        raise Fault(
            "INVALID_MAX_AGE",
            f"maxAge is in seconds, 0 or more, not {max_age}. Leave it out to take what the cache holds.",
            maxAge=max_age,
        )
    return freshness_of(max_age, str(use.value))
