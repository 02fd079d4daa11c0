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
    "search",
}

QUESTION = """
query (
  $metrics: [Metric!]!, $dimensions: [Dimension!]!, $filters: FilterInput, $having: HavingInput,
  $dateRange: DateRangeInput, $timezone: String, $orderBy: [OrderByInput!], $limit: Int, $offset: Int,
  $totals: Boolean! = false, $shares: [ShareInput!], $fill: Boolean! = false, $compare: CompareInput,
  $top: TopInput, $windows: [WindowInput!], $subtotals: [[Dimension!]!], $groupCount: Boolean! = false,
  $fanout: Fanout! = REFUSE, $search: String
) {
  analytics(
    metrics: $metrics, dimensions: $dimensions, filters: $filters, having: $having, dateRange: $dateRange,
    timezone: $timezone, orderBy: $orderBy, limit: $limit, offset: $offset, totals: $totals, shares: $shares,
    fill: $fill, compare: $compare, top: $top, windows: $windows, subtotals: $subtotals,
    groupCount: $groupCount, fanout: $fanout, search: $search
  ) {
    data
    totals
    subtotals
    columns { name type }
    metadata { totalRows truncated groupCount fromCache dateRange { start end startDate endDate } }
  }
}
"""

OTHERS = "$others"
"""Stands in a case for the value of the row that gathers the others."""

ENDS = {"previous": "__previous", "difference": "__change", "change": "__change_ratio"}
"""What the cases call a change is its ratio."""

SEGMENTS = (("$search: String", "$segments: [Segment!]"), ("search: $search", "segments: $segments"))
"""What QUESTION says, too, over a model that has segments."""


def document(query: dict[str, Any]) -> str:
    """The question of a case in GraphQL."""
    found = QUESTION
    for known, more in SEGMENTS if "segments" in query else ():
        found = found.replace(known, f"{known}, {more}")
    return found


def variables(query: dict[str, Any]) -> dict[str, Any]:
    """The variables of QUESTION."""
    return {
        "metrics": [flat(metric) for metric in query.get("metrics", []) if isinstance(metric, str)],
        "shares": [_share(each) for each in _modified(query, "share")],
        "windows": [_window(each) for each in _windows(query)],
        "dimensions": [dimension(each) for each in query.get("dimensions", [])],
        "filters": _filters(query["filters"]) if "filters" in query else None,
        "having": _filters(query["having"]) if "having" in query else None,
        "dateRange": _date_range(query["dateRange"]) if "dateRange" in query else None,
        "timezone": query.get("timezone"),
        "orderBy": [_order(each, query) for each in query["orderBy"]] if "orderBy" in query else None,
        "limit": query.get("limit"),
        "offset": query.get("offset"),
        "totals": query.get("totals", False),
        "fill": query.get("fill", False),
        "compare": _compare(query["compare"]) if "compare" in query else None,
        "top": _top(query["top"]) if "top" in query else None,
        "subtotals": [[dimension(name) for name in by] for by in query.get("subtotals", [])],
        "groupCount": query.get("groupCount", False),
        "fanout": query.get("fanout", "REFUSE"),
        "search": query.get("search"),
        **({"segments": query["segments"]} if "segments" in query else {}),
    }


def _modified(query: dict[str, Any], modifier: str) -> list[dict[str, Any]]:
    return [each for each in query.get("metrics", []) if not isinstance(each, str) and modifier in each]


def _windows(query: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in query.get("metrics", []) if not isinstance(each, str) and "share" not in each]


def _window(told: dict[str, Any]) -> dict[str, Any]:
    match told:
        case {"running_total": metric}:
            return {"metric": flat(metric), "running": True}
        case {"rolling": metric, "n": n}:
            return {"metric": flat(metric), "rolling": n, "mean": told.get("mean", False)}
        case _:
            return {"metric": flat(told["to_date"]), "toDate": told["unit"].upper()}


def _compare(told: Any) -> dict[str, Any]:
    return {"to": told.upper()} if isinstance(told, str) else {"dateRange": _date_range(told)}


def _top(told: dict[str, Any]) -> dict[str, Any]:
    found = {"n": told["n"], "by": flat(told["by"]), "others": told.get("others", False)}
    if "of" in told:
        found["of"] = dimension(told["of"])
    if "within" in told:
        found["within"] = [dimension(name) for name in told["within"]]
    return {**found, "direction": told.get("dir", "desc").upper()}


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


def row_keys(case: dict[str, Any]) -> list[str]:
    """The keys of a row in the order of the case's columns."""
    query = case["query"]
    dimensions = [dimension(each) for each in query.get("dimensions", [])]
    if "compare" not in query:
        return dimensions + [column(each) for each in query.get("metrics", [])]
    return dimensions + [_compared(name) for name in case["columns"][len(dimensions) :]]


def _compared(name: str) -> str:
    stem, _, end = name.rpartition(".")
    return f"{flat(stem)}{ENDS[end]}" if end in ENDS else flat(name)


def shown_row(row: dict[str, Any], keys: list[str]) -> list[Any]:
    """The values under `keys`; a value of the others is told by its sign."""
    return [OTHERS if row.get(f"{key}__others") else row[key] for key in keys]


def _filters(told: dict[str, Any]) -> dict[str, Any]:
    for word in ("and", "or"):
        if word in told:
            return {word: [_filters(each) for each in told[word]]}
    if "not" in told:
        return {"not": _filters(told["not"])}
    if "segment" in told:
        return {"segment": told["segment"]}
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
    """The key of a row for a metric, a share or a window."""
    match told:
        case str():
            return flat(told)
        case {"share": metric}:
            return f"{flat(metric)}__share"
        case {"running_total": metric}:
            return f"{flat(metric)}__running"
        case {"rolling": metric, "n": n}:
            return f"{flat(metric)}__{'rolling_mean' if told.get('mean') else 'rolling'}_{n}"
        case _:
            return f"{flat(told['to_date'])}__{told['unit']}_to_date"


def _order(told: dict[str, Any], query: dict[str, Any]) -> dict[str, Any]:
    if told["name"] == "share":
        name = column(_modified(query, "share")[0])
        return {"name": name, "direction": told.get("dir", "asc").upper()}
    name = told["name"]
    compared = isinstance(name, str) and name.rpartition(".")[2] in ENDS
    return {
        "name": _compared(name) if compared else dimension(name),
        "direction": told.get("dir", "asc").upper(),
    }
