"""What every resolver has at hand."""

from dataclasses import dataclass

import strawberry

from model.viewer import Viewer
from resolvers.admin import Admin
from resolvers.analytics import Analytics
from resolvers.freshness import Freshness
from resolvers.traffic import Traffic
from resolvers.warm import Warmer


@dataclass(frozen=True, slots=True)
class Services:
    """The same for every request."""

    analytics: Analytics
    admin: Admin
    traffic: Traffic | None = None
    """Told of every question that is answered."""
    warmer: Warmer | None = None


@dataclass(slots=True)
class Context:
    """Of one request. `request_id` is what an answer tells of an internal error, and logs repeat."""

    services: Services
    viewer: Viewer
    request_id: str
    ahead: Freshness | None = None
    """The question is asked ahead: this holds instead of its own maxAge and cache, and it is no traffic."""


Info = strawberry.Info[Context, None]
