"""Documents drawn by chance: what may be asked of the kiosk, in all the ways GraphQL has to say it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

METRICS: Final = ("revenue", "sold", "kinds", "ticket", "closing")
DIMENSIONS: Final = ("channel", "city", "kind")
ZONES: Final = (
    *("Europe/Lisbon", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"),
    *("America/Sao_Paulo", "Asia/Tokyo"),
)
CLOSED: Final = (
    '{startDate: "2026-01-01", endDate: "2026-01-31"}',
    '{start: "2026-03-14T10:00:00Z", end: "2026-03-29T10:00:00-03:00"}',
    *("{last: {n: 7, unit: DAY}}", "{last: {n: 2, unit: MONTH}, includeCurrent: true}", "{toDate: YEAR}"),
    *("{last: {n: 6, unit: HOUR}}", "{last: {n: 3, unit: MINUTE_15}, offset: -1}", "{current: DAY}"),
    *("{current: MINUTE_30}", "{current: WEEK, offset: -1}", "{toDate: MONTH}"),
)
OPEN: Final = ('{startDate: "2026-03-01"}', '{endDate: "2025-06-30"}')
FILTERS: Final = (
    *(
        '{channel: {eq: "iFood"}}',
        '{city: {in: ["recife", null]}}',
        '{kind: {ne: "a"}}',
        "{gift: {eq: true}}",
    ),
    *('{rate: {gte: "1.50"}}', '{and: [{kind: {eq: "b"}}, {not: {channel: {isNull: true}}}]}', "{}"),
    '{or: [{kind: {eq: "b"}}, {city: {contains: "re"}}]}',
)
COMPARES: Final = (
    "{to: PREVIOUS_PERIOD}",
    "{to: PREVIOUS_YEAR}",
    "{dateRange: {current: MONTH, offset: -2}}",
)
AGES: Final = ("0", "9", "60", "3600")
FAULTY: Final = {
    "metrics": ("[fatura]", "[]", "[units, revenue]"),
    "dimensions": ("[nothing]", "[time__day, time__day]", "[sold_at__hour]"),
    "dateRange": ('{startDate: "2026-02-01", endDate: "2026-01-01"}', "{}", '{startDate: "31.1.2026"}'),
    "filters": ('{nothing: {eq: "x"}}', "{channel: {eq: 7}}"),
    "timezone": ('"Moon/Sea"', '""', "7"),
    "limit": ("-1", "0", "1000000", "1.5"),
    "subtotals": ("[[kind, city, channel]]", "[[]]"),
    "maxAge": ("-1", "null"),
    "cache": ("REFRESH", "BYPASS", "NEVER"),
    "compare": ("{}", "{to: PREVIOUS_YEAR}"),
}
"""Where there is something wrong, or most often."""

VARIABLES: Final = {
    "limit": ("Int", (1, 2, 5, 9, 50, 1000, None)),
    "maxAge": ("Int", (0, 5, 60, 300, 3_600, 100_000, None)),
    "timezone": ("String", (*ZONES, None)),
    "totals": ("Boolean!", (True, False)),
    "dimensions": ("[Dimension!]!", (["channel"], ["city", "kind"], "city", [])),
    "dateRange": (
        "DateRangeInput",
        ({"last": {"n": 3, "unit": "DAY"}}, {"toDate": "WEEK"}, {"startDate": "2026-03-01", "endDate": None}),
    ),
    "filters": ("FilterInput", ({"channel": {"eq": "Rappi"}}, {"city": {"isNull": True}}, {}, None)),
    "cache": ("CacheUse!", ("DEFAULT",)),
}
FAULTY_VALUES: Final = (None, -1, "nothing", ["nothing"], {"nothing": 1}, "REFRESH", 2**40, 1.5)
DEFAULTS: Final = {"limit": "3", "maxAge": "30", "timezone": '"UTC"', "totals": "true", "cache": "DEFAULT"}
SCALARS: Final = ("totalRows", "truncated", "fromCache", "source", "ageMs", "asOf", "cacheKey", "timezone")
METADATA: Final = (
    *SCALARS,
    *("groupCount", "notes", "dateRange { start end startDate endDate }", "compareRange { startDate }"),
)
OTHERS: Final = (
    *("__typename", "catalog { metrics { name title } }", "__schema { queryType { name } }"),
    "cacheStats { status hits misses memoryHits redisHits staleHits loads databaseMsSaved }",
    "nothing",
)
ADMIN_ONLY: Final = ("plan", "sql")


@dataclass(slots=True)
class Draft:
    """A document that grows. In a `faulty` one something is likely to be wrong.

    In a `lasting` one nothing is asked for that is another one each time.
    """

    dice: Random
    faulty: bool
    lasting: bool
    declared: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)

    def one_in(self, count: int) -> bool:
        return self.dice.randrange(count) == 0


def drawn(dice: Random, *, alone: bool) -> dict[str, Any]:
    """`query`, and `variables` and `operationName` where they belong to it. One question, if `alone`."""
    draft = Draft(dice, faulty=dice.randrange(10) == 0, lasting=dice.random() < 0.5)
    count = 1 if alone else dice.choice((1, 1, 1, 1, 2, 2, 3, 4))
    asked = [arguments(draft) for _ in range(count)]
    if not alone and draft.one_in(5):
        asked.append(asked[0] | {"maxAge": dice.choice(AGES)})
    fields = [_question(draft, number, each) for number, each in enumerate(asked)]
    if draft.one_in(16):
        fields.insert(dice.randint(0, count), dice.choice(OTHERS if draft.faulty else OTHERS[:-1]))
    if count > 1 and draft.one_in(5):
        fields.append(fields[0])
    return _document(draft, _wrapped(draft, "Query", " ".join(fields)))


def arguments(draft: Draft) -> dict[str, str]:
    """Of `analytics`."""
    dice = draft.dice
    found = {"metrics": _list(dice.sample(METRICS, dice.randint(1, 2)))}
    if not draft.one_in(4):
        found["dimensions"] = _list(dice.sample(DIMENSIONS, dice.randint(0, 2)))
    for name, values, chance in (
        *(("dateRange", (*OPEN, *CLOSED), 2), ("filters", FILTERS, 4), ("timezone", _texts(ZONES), 4)),
        *(("limit", ("1", "2", "50"), 4), ("totals", ("true",), 4), ("maxAge", AGES, 8)),
        *(("groupCount", ("true",), 8), ("cache", ("DEFAULT",), 20)),
        *(
            ("timezone", ("null",), 20),
            ("orderBy", (f"{{name: {found['metrics'][1:-1].split(',')[0]}}}",), 8),
        ),
    ):
        if draft.one_in(chance):
            found[name] = dice.choice(values)
    if draft.one_in(5):
        found |= {"dateRange": dice.choice(CLOSED), "compare": dice.choice(COMPARES)}
    if draft.one_in(8):
        found |= {"dimensions": "[kind, city]", "subtotals": "[[city]]"}
    if draft.one_in(4):
        name = dice.choice([each for each in VARIABLES if each not in _bound(found)])
        found[name] = _variable(draft, name)
    if draft.faulty and draft.one_in(2):
        name = dice.choice(list(FAULTY))
        found[name] = dice.choice(FAULTY[name])
    return found


def _bound(found: Mapping[str, str]) -> set[str]:
    """Arguments that others need as they are."""
    return {
        needed for needs, needed in (("compare", "dateRange"), ("subtotals", "dimensions")) if needs in found
    }


def _question(draft: Draft, number: int, asked: Mapping[str, str]) -> str:
    told = ", ".join(f"{name}: {value}" for name, value in asked.items())
    alias = f"q{number}: " if number or draft.one_in(3) else ""
    selected = [_once(draft, "data"), *_more(draft)]
    if not draft.one_in(4):
        selected.append(_metadata(draft))
    draft.dice.shuffle(selected)
    inside = _wrapped(draft, "AnalyticsResult", " ".join(selected))
    return f"{alias}analytics({told}){_directive(draft)} {{ {inside} }}"


def _more(draft: Draft) -> list[str]:
    more = ["totals", "subtotals", "columns { name kind type title }", "__typename", "data"]
    more += [] if draft.lasting else ["metadata { ageMs }"]
    return [_once(draft, each) for each in draft.dice.sample(more, draft.dice.choice((0, 0, 1, 2, 3)))]


def _metadata(draft: Draft) -> str:
    fields = draft.dice.sample(METADATA, draft.dice.randint(1, 6))
    if draft.lasting:
        fields = [each for each in fields if each != "ageMs"] or ["source"]
    elif draft.one_in(3):
        fields.append(draft.dice.choice(("queryTimeMs", "t_queryTimeMs: queryTimeMs")))
    if draft.faulty and draft.one_in(4):
        fields.append(draft.dice.choice(ADMIN_ONLY))
    aliased = [f"m_{each}: {each}" if each in SCALARS and draft.one_in(8) else each for each in fields]
    return f"metadata{_directive(draft)} {{ {_wrapped(draft, 'QueryMetadata', ' '.join(aliased))} }}"


def _once(draft: Draft, name: str) -> str:
    """At times by another name, or twice."""
    if draft.one_in(8):
        return f"my_{name.split(maxsplit=1)[0]}: {name}"
    return f"{name} {name}" if draft.one_in(15) else name


def _wrapped(draft: Draft, kind: str, selected: str) -> str:
    """At times in a fragment, inline or by name."""
    if draft.one_in(10):
        return f"... on {kind}{_directive(draft)} {{ {selected} }}"
    if draft.one_in(10):
        name = f"F{len(draft.fragments)}"
        draft.fragments.append(f"fragment {name} on {kind} {{ {selected} }}")
        return f"...{name}{_directive(draft)}"
    return selected


def _directive(draft: Draft) -> str:
    if not draft.one_in(25):
        return ""
    name = draft.dice.choice(("include", "skip"))
    if draft.one_in(2):
        return f" @{name}(if: {draft.dice.choice(('true', 'false'))})"
    draft.declared["shown"] = "$shown: Boolean! = true"
    if draft.one_in(2):
        draft.values["shown"] = draft.dice.choice((True, False))
    return f" @{name}(if: $shown)"


def _variable(draft: Draft, name: str) -> str:
    kind, values = VARIABLES[name]
    default = f" = {DEFAULTS[name]}" if name in DEFAULTS and draft.one_in(2) else ""
    draft.declared.setdefault(name, f"${name}: {kind}{default}")
    if not (default and draft.one_in(2)):
        draft.values[name] = draft.dice.choice(FAULTY_VALUES if draft.faulty else values)
    return f"${name}"


def _document(draft: Draft, selected: str) -> dict[str, Any]:
    told = f"({', '.join(draft.declared.values())})" if draft.declared else ""
    named = draft.one_in(3) or bool(told)
    operation = f"query Q{told} {{ {selected} }}" if named else f"{{ {selected} }}"
    asked: dict[str, Any] = {}
    if named and draft.one_in(3):
        operation += " query Other { analytics(metrics: [sold]) { data metadata { source } } }"
        asked["operationName"] = draft.dice.choice(("Q", "Q", "Other", "None" if draft.faulty else "Q"))
    elif draft.one_in(8):
        asked["operationName"] = draft.dice.choice(("Q" if named or draft.faulty else "", "", None))
    asked["query"] = " ".join((operation, *draft.fragments))
    if draft.faulty and draft.one_in(8):
        asked["query"] = asked["query"][:-2]
    if draft.values or draft.one_in(6):
        asked["variables"] = draft.values
    return asked


def _list(names: list[str]) -> str:
    return f"[{', '.join(names)}]"


def _texts(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(json.dumps, values))
