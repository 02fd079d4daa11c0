"""Which form of an answer a client takes: GraphQL's own media type, plain JSON, or the page."""

from functools import lru_cache
from typing import Final, NamedTuple

from servery.transport.weights import weights_of

MODERN: Final = "application/graphql-response+json"
LEGACY: Final = "application/json"
PAGE: Final = "text/html"


class Form(NamedTuple):
    """`modern`: in GraphQL's own media type. `page`: rather a page than either."""

    modern: bool
    page: bool


@lru_cache(maxsize=128)
def form_of(accept: bytes) -> Form:
    """Of an Accept header. Who takes anything is given plain JSON, which every client can read."""
    weights = weights_of(accept)
    modern, legacy, page = (weights.get(kind, 0.0) for kind in (MODERN, LEGACY, PAGE))
    return Form(modern=0 < modern >= legacy, page=0 < page >= max(modern, legacy))
