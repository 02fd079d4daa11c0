"""What every resolver has at hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import strawberry
from graphql import DocumentNode
from graphql.execution.values import VariableValues

from model.viewer import Viewer
from resolvers.admin import Admin
from resolvers.analytics import Analytics, Answer, HandedOn
from resolvers.freshness import Freshness
from resolvers.traffic import Count, Traffic
from resolvers.warm import Warmer
from schema.replay import Told


@dataclass(frozen=True, slots=True)
class Services:
    """The same for every request."""

    analytics: Analytics
    admin: Admin
    traffic: Traffic | None = None
    """Told of every question that is answered."""
    warmer: Warmer | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that went into the response, what was accepted, and where the question was counted."""

    freshness: Freshness
    answer: Answer
    counted: Count | None


@dataclass(slots=True)
class Context:
    """Of one request. `request_id` is what an answer tells of an internal error, and logs repeat."""

    services: Services
    viewer: Viewer
    request_id: str
    ahead: Freshness | None = None
    """The question is asked ahead: this holds instead of its own maxAge and cache, and it is no traffic."""
    found: HandedOn = field(default_factory=dict)
    """What was seen in the store for this request already."""
    answers: dict[str, Answered] = field(default_factory=dict)
    """By key of the response."""
    document: DocumentNode | None = None
    """What is executed, once it is known to be valid."""
    variables: VariableValues = VariableValues({}, {})  # noqa: RUF009  a tuple; nobody writes into it
    """Those of the execution, and where they come from."""
    told: Mapping[str, Told] = field(default_factory=dict)
    """What is known of how the questions were asked, by key of the response."""


Info = strawberry.Info[Context, None]
