"""Records as JSON, with the names that GraphQL gives them."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from cache.explain import Explained
from resolvers.figures import Figures

_OF_CONTENTS: Final = (
    "age_ms",
    "soft_left_ms",
    "stale_left_ms",
    "hard_left_ms",
    "raw_bytes",
    "rows",
    "cost_ms",
)


def figures_told(figures: Figures) -> dict[str, Any]:
    """As cacheStats tells them."""
    told: dict[str, Any] = _camel(asdict(figures))
    told["status"] = figures.status.upper()
    for each in told["latencies"]:
        each["operation"] = each["operation"].upper().replace(" ", "_")
    return told


def entry_told(entry: Explained) -> dict[str, Any]:
    """As cacheEntry tells it, but for the memory of the processes, which is not seen from here."""
    contents = entry.contents
    return {
        "cacheKey": entry.name,
        "exists": entry.exists,
        "status": entry.state.name,
        "storedBytes": entry.stored_bytes,
        **{_camel_name(name): getattr(contents, name) if contents else None for name in _OF_CONTENTS},
        "createdAt": moment(contents.created_ms) if contents else None,
        "tags": [asdict(each) for each in contents.tags] if contents else [],
        "killedBy": list(contents.killed_by) if contents else [],
        "shownOnFailure": contents.excuse if contents else False,
    }


def moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")


def _camel(value: Any) -> Any:
    match value:
        case dict():
            return {_camel_name(name): _camel(each) for name, each in value.items()}
        case list() | tuple():
            return [_camel(each) for each in value]
        case _:
            return value


def _camel_name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
