"""What holds for every request over HTTP."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpRules:
    """The largest body, the most requests in a list, and how long a browser may keep an answer."""

    max_body_bytes: int = 65_536
    max_batch: int = 50
    max_age_s: int = 60
