"""What every resolver has at hand."""

from dataclasses import dataclass

import strawberry

from model.viewer import Viewer
from resolvers.admin import Admin
from resolvers.analytics import Analytics


@dataclass(frozen=True, slots=True)
class Services:
    """The same for every request."""

    analytics: Analytics
    admin: Admin


@dataclass(slots=True)
class Context:
    """Of one request. `request_id` is what an answer tells of an internal error, and logs repeat."""

    services: Services
    viewer: Viewer
    request_id: str


Info = strawberry.Info[Context, None]
