"""A question that is written down can be asked again, and means the same."""

import pytest
from hypothesis import HealthCheck, given, settings

from model.faults import Fault
from schema.replay import MOST_TOKENS, question_document
from tests.schema.any_question import any_question
from tests.schema.replaying import literals, outcome, read, replayed

SALES = "metrics: [faturamento]"


def written(arguments: str, declared: str = "", **variables: object) -> str | None:
    """The text of a question."""
    head = f"query({declared}) " if declared else ""
    return outcome(f"{head}{{ analytics({arguments}) {{ data }} }}", **variables).text


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_question())
def test_any_question_means_the_same_when_it_is_asked_again(asked: tuple[str, dict[str, object]]) -> None:
    query, variables = asked
    first = outcome(query, **variables)

    assert first.text is not None
    if first.text:
        again = replayed(first.text)
        assert (again.question, again.fault) == (first.question, first.fault)
        assert again.text == first.text


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_question())
def test_what_is_written_is_what_graphql_core_makes_of_the_variables(
    asked: tuple[str, dict[str, object]],
) -> None:
    query, variables = asked

    assert read(outcome(query, **variables).text or "") == literals(query, variables)


@pytest.mark.parametrize(
    "text",
    [
        "metrics: [faturamento, ticket_medio], dimensions: [channel, time__month]",
        'metrics: [faturamento], filters: {channel: {eq: "iFood"}, or: [{hour: {gte: 22}}, {not: {}}]}',
        'metrics: [faturamento], filters: {channel: {eq: null, in: [null, "a"]}}',
        "metrics: [faturamento], filters: {channel_id: {in: [1, 2.50, -3e7]}, segment: com_desconto}",
        'metrics: [faturamento], filters: {sold_at: {gt: "2026-01-31T12:00:00-03:00"}}',
        "metrics: [faturamento], having: {ticket_medio: {gt: 50}}, segments: [com_desconto]",
        "metrics: [faturamento], dateRange: {last: {n: 30, unit: DAY}, includeCurrent: true, offset: -1}",
        'metrics: [faturamento], dateRange: {startDate: "2026-01-01", endDate: "2026-01-31"}',
        "metrics: [faturamento], dateRange: {toDate: MONTH}, compare: {to: PREVIOUS_YEAR}",
        'metrics: [faturamento], timezone: "Asia/Kolkata", limit: 5, offset: 10, totals: true, fill: false',
        "metrics: [faturamento], orderBy: [{name: faturamento__share, direction: DESC}]",
        "metrics: [faturamento], subtotals: [[city]], shares: [{metric: faturamento, within: [city]}]",
        "metrics: [faturamento], windows: [{metric: faturamento, rolling: 7}], fanout: DEDUPLICATE",
        "metrics: [faturamento], top: {n: 5, by: faturamento, of: store, others: true}, groupCount: true",
    ],
)
def test_a_question_of_literals_is_its_own_text(text: str) -> None:
    assert written(text) == text


def test_variables_stand_as_literals_wherever_they_are() -> None:
    text = written(
        "metrics: $m, filters: {channel: {in: [$a, $b]}, or: $or}, dateRange: {last: {n: $n, unit: $unit}}",
        "$m: [Metric!]!, $a: String, $b: String, $or: [FilterInput!], $n: Int!, $unit: TimeUnit!",
        m=["faturamento", "ticket_medio"],
        a="x",
        b=None,
        n=7,
        unit="WEEK",
        **{"or": [{"hour": {"gte": 22}}, {"channel_id": {"eq": "2.50"}}]},
    )

    assert text == (
        'metrics: [faturamento, ticket_medio], filters: {channel: {in: ["x", null]}, '
        'or: [{hour: {gte: 22}}, {channel_id: {eq: "2.50"}}]}, dateRange: {last: {n: 7, unit: WEEK}}'
    )


def test_a_variable_that_is_not_given_has_its_default_or_leaves_its_place_empty() -> None:
    declared = "$limit: Int = 5, $zone: String, $eq: String, $ne: String = null"
    text = written(
        f"{SALES}, limit: $limit, timezone: $zone, filters: {{channel: {{eq: $eq, ne: $ne}}}}", declared
    )

    assert text == f"{SALES}, filters: {{channel: {{ne: null}}}}, limit: 5"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ('say "no"', r'"say \"no\""'),
        ("two\nlines", r'"two\nlines"'),
        ("back\\slash", r'"back\\slash"'),
        ("São Paulo 🍦", '"São Paulo 🍦"'),
        ("\x00\x1f", r'"\u0000\u001F"'),
        ("$limit", '"$limit"'),
        ("", '""'),
    ],
    ids=["quotes", "lines", "backslash", "letters", "control", "dollar", "empty"],
)
def test_any_letter_of_a_string_comes_through(given: str, shown: str) -> None:
    text = written(f"{SALES}, filters: {{channel: {{eq: $v}}}}", "$v: String", v=given)

    assert text == f"{SALES}, filters: {{channel: {{eq: {shown}}}}}"


def test_a_block_string_is_written_on_one_line() -> None:
    assert written(f'{SALES}, search: """\n  two\n  lines\n"""') == rf'{SALES}, search: "two\nlines"'


@pytest.mark.parametrize("value", [9007199254740993, 0.1, 1e300, -0.0, "12.340", 10**40])
def test_a_number_keeps_every_digit(value: object) -> None:
    query = f"query($v: Number) {{ analytics({SALES}, filters: {{channel_id: {{eq: $v}}}}) {{ data }} }}"
    first = outcome(query, v=value)

    assert first.question is not None
    assert first.text is not None
    assert repr(replayed(first.text).question) == repr(first.question)


def test_the_order_of_arguments_and_what_is_null_leave_no_trace() -> None:
    assert written(f"limit: 5, top: null, {SALES}, timezone: null") == written(f"{SALES}, limit: 5")


def test_of_several_questions_in_a_document_each_has_its_own_text() -> None:
    fragment = "fragment f on Query { b: analytics(metrics: [faturamento], limit: $n) { data } }"

    first = outcome(f"query($n: Int) {{ ...f }} {fragment}", n=3)

    assert first.text == f"{SALES}, limit: 3"


def test_a_text_may_end_with_a_comment_and_hold_lines() -> None:
    assert replayed("metrics: [faturamento]\n limit: 5 # enough").text == f"{SALES}, limit: 5"


def test_how_an_answer_is_had_is_no_part_of_the_question() -> None:
    asked = f"maxAge: 5, {SALES}, cache: DEFAULT"

    assert written(asked) == SALES
    assert question_document(asked) == question_document(SALES)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "faturamento",
        "metrics: [faturamento",
        "metrics: [faturamento]) { data } b: analytics(limit: 5",
        'metrics: [faturamento]) { data } } mutation { clearCache(pattern: "analytics:*"',
        "metrics: [faturamento]) @skip(if: true",
        "metrics: [faturamento]) { data } ... on Query { analytics(limit: 5",
        f"metrics: {'[' * 1_000}{']' * 1_000}",
        f"metrics: [{'a ' * MOST_TOKENS}]",
    ],
    ids=["nothing", "a name", "open", "field", "mutation", "directive", "fragment", "deep", "long"],
)
def test_a_text_that_is_not_the_arguments_of_a_question_is_refused(text: str) -> None:
    with pytest.raises(Fault, match="These are not the arguments of a question") as refused:
        question_document(text)

    assert refused.value.code == "GRAPHQL_PARSE_FAILED"


def test_a_document_of_a_text_asks_for_no_rows() -> None:
    assert question_document(SALES).split("{ metadata")[0] == f"{{ analytics({SALES}) "
