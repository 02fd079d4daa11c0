"""From the neutral notation of the cases to a GraphQL question, and from rows back to its columns."""

from typing import Any

OPERATOR_FIELDS = {
    "ne",
    "eq",
    "in",
    "notIn",
    "contains",
    "startsWith",
    "endsWith",
    "gt",
    "gte",
    "lt",
    "lte",
    "isNull",
}

QUESTION = """
query (
  $metrics: [Metric!]!, $dimensions: [Dimension!]!, $filters: FilterInput, $having: HavingInput,
  $dateRange: DateRangeInput, $timezone: String, $orderBy: [OrderByInput!], $limit: Int, $offset: Int,
  $totals: Boolean! = false, $shares: [ShareInput!]
) {
  analytics(
    metrics: $metrics, dimensions: $dimensions, filters: $filters, having: $having, dateRange: $dateRange,
    timezone: $timezone, orderBy: $orderBy, limit: $limit, offset: $offset, totals: $totals, shares: $shares
  ) {
    data
    totals
    columns { name type }
    metadata { totalRows truncated fromCache dateRange { start end startDate endDate } }
  }
}
"""

ANSWERED = {
    "metrics",
    "dimensions",
    "filters",
    "having",
    "dateRange",
    "timezone",
    "orderBy",
    "limit",
    "offset",
    "totals",
    "now",
}


def is_answered(case: dict[str, Any]) -> bool:
    """Whether the API has a word for everything in the case's question."""
    query = case["query"]
    return set(query) <= ANSWERED and all(
        isinstance(metric, str) or "share" in metric for metric in query["metrics"]
    )


def variables(query: dict[str, Any]) -> dict[str, Any]:
    """The variables of QUESTION."""
    return {
        "metrics": [flat(metric) for metric in query["metrics"] if isinstance(metric, str)],
        "shares": [_share(metric) for metric in query["metrics"] if not isinstance(metric, str)],
        "dimensions": [dimension(each) for each in query.get("dimensions", [])],
        "filters": _filters(query["filters"]) if "filters" in query else None,
        "having": _filters(query["having"]) if "having" in query else None,
        "dateRange": _date_range(query["dateRange"]) if "dateRange" in query else None,
        "timezone": query.get("timezone"),
        "orderBy": [_order(each, query) for each in query["orderBy"]] if "orderBy" in query else None,
        "limit": query.get("limit"),
        "offset": query.get("offset"),
        "totals": query.get("totals", False),
    }


def flat(name: str) -> str:
    return name.replace(".", "_")


def dimension(told: Any) -> str:
    match told:
        case {"time": grain}:
            return f"time__{grain}"
        case {"name": name, "grain": grain}:
            return f"{flat(name)}__{grain}"
        case _:
            return flat(str(told))


def row_keys(query: dict[str, Any]) -> list[str]:
    """The keys of a row in the order of the case's columns: dimensions, then metrics."""
    return [dimension(each) for each in query.get("dimensions", [])] + [
        column(each) for each in query["metrics"]
    ]


def _filters(told: dict[str, Any]) -> dict[str, Any]:
    for word in ("and", "or"):
        if word in told:
            return {word: [_filters(each) for each in told[word]]}
    if "not" in told:
        return {"not": _filters(told["not"])}
    assert told["op"] in OPERATOR_FIELDS
    return {flat(told.get("dim") or told["metric"]): {told["op"]: told["value"]}}


def _date_range(told: dict[str, Any]) -> dict[str, Any]:
    if "last" in told:
        rest = {key: value for key, value in told.items() if key not in {"last", "unit"}}
        return {"last": {"n": told["last"], "unit": told["unit"].upper()}, **rest}
    if "start" in told and "T" not in str(told["start"]):
        return {"startDate": str(told["start"]), "endDate": str(told["end"])}
    return {key: value.upper() if key in {"current", "toDate"} else value for key, value in told.items()}


def _share(told: dict[str, Any]) -> dict[str, Any]:
    return {"metric": flat(told["share"]), "within": [dimension(each) for each in told.get("within", [])]}


def column(told: Any) -> str:
    """The key of a row for a metric or a share."""
    return flat(told) if isinstance(told, str) else f"{flat(told['share'])}__share"


def _order(told: dict[str, Any], query: dict[str, Any]) -> dict[str, Any]:
    if told["name"] == "share":
        name = next(column(each) for each in query["metrics"] if not isinstance(each, str))
        return {"name": name, "direction": told.get("dir", "asc").upper()}
    return {"name": dimension(told["name"]), "direction": told.get("dir", "asc").upper()}
