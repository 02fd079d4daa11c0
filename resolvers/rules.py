"""What holds for every question."""

from dataclasses import dataclass

from plan.limits import Limits
from resolvers.lifetime import LifetimeRules


@dataclass(frozen=True, slots=True)
class Rules:
    """The key prefix, how long answers live, and how much may be asked.

    `database` tells apart services over different databases that share a Redis and a prefix.
    """

    prefix: str = "analytics"
    database: str = ""
    lifetimes: LifetimeRules = LifetimeRules()  # noqa: RUF009  frozen, so it can be shared
    default_limit: int = 1000
    limits: Limits = Limits()  # noqa: RUF009  frozen, so it can be shared
