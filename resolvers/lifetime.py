"""How long an answer is good: the older its youngest data, the less it changes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from cache.lifetime import Lifetime
from model.model import Model
from plan.parts import Plan
from resolvers.cover import last_day_of

RECENT: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class LifetimeRules:
    """By the youngest day of an answer's ranges: `today` or later, in the last 30 days (`recent`), or `old`.

    Behind that time an answer is shown for `while_revalidating` while a new one is loaded, and for
    `if_error` when none can be.
    """

    today: timedelta = timedelta(seconds=300)
    recent: timedelta = timedelta(hours=1)
    old: timedelta = timedelta(hours=24)
    while_revalidating: timedelta = timedelta(seconds=60)
    if_error: timedelta = timedelta(hours=1)

    def of(self, model: Model, plan: Plan, now: datetime) -> Lifetime:
        """`now` is aware. Days are those of the model's zone; a range that is open may hold today."""
        zone = ZoneInfo(model.timezone)
        return Lifetime.of(
            self._soft(_youngest(plan, zone), now.astimezone(zone).date()),
            while_revalidating=self.while_revalidating,
            if_error=self.if_error,
        )

    def _soft(self, youngest: date, today: date) -> timedelta:
        if youngest >= today:
            return self.today
        return self.recent if today - youngest <= RECENT else self.old


def _youngest(plan: Plan, zone: ZoneInfo) -> date:
    """The last day of any range; an open end has none before the last of all."""
    return max(last_day_of(leaf.period.interval, leaf.time, zone) or date.max for leaf in plan.leaves)
