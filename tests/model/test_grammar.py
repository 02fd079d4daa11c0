"""What may stand in an expression, and what may not."""

import pytest

from model.expression import parse_expression
from model.grammar import ExpressionRefused

ALLOWED = [
    "amount",
    "production_seconds / 60.0",
    "-amount + 1 - 2 * 3 % 4 ^ 2",
    "status = 'COMPLETED' and not (amount > 0 or amount is null)",
    "a in (1, 2, 3) and b between 1 and 2",
    "a is distinct from b",
    "name like 'a!%' escape '!' or name ilike '%b' or name ~ '^c'",
    "case when a > 1 then 'big' else 'small' end",
    "case a when 1 then 'one' end",
    "coalesce(nullif(trim(name), ''), 'none')",
    "first_name || ' ' || last_name",
    "extract(hour from local(sold_at))",
    "date_trunc('day', sold_at)",
    "sold_at at time zone 'Europe/Paris'",
    "sold_at + interval '1 day'",
    "round(amount::numeric, 2)",
    "cast(code as integer)",
    "payload ->> 'channel'",
    "payload -> 'a' ->> 'b'",
    "(payload #>> '{a,0}')::int",
    "tags[1]",
    "a = any(b)",
    "flags & 4 > 0",
    "E'a\\nb' || name",
    "substring(code from 1 for 2)",
    "position('x' in code)",
    "greatest(a, b, 0)",
    "\"Order Status\" = 'open'",
    "note = 'come now or today'",
    "delivery = 'now'::text",
    "true",
    "null",
]

SUB_QUERIES = [
    "(select 1)",
    "a in (select b from c)",
    "exists (select 1)",
    "a = any(select b from c)",
    "coalesce((select max(b) from c), a)",
]
NO_EXPRESSION = [
    "select 1",
    "drop table sales",
    "truncate table sales",
    "set role admin",
    "alter table sales add column a int",
    "grant select on sales to public",
    "copy sales to '/tmp/sales'",
    "values (1)",
    "table sales",
    "with a as (select 1) select * from a",
    "explain select 1",
    "call f()",
    "do $$ begin end $$",
    "a as b",
    "a b",
    "a, b",
    "a order by b",
    "a limit 5",
    "a where b",
    "a union select 1",
    "a := b",
    "lower(",
    "a)",
    "'open",
    "a /* never closed",
    "case when a",
]
AGGREGATES = [
    "sum(amount)",
    "1 + count(*)",
    "count(a) filter (where b)",
    "string_agg(a, ',')",
    "array_agg(a)",
    "percentile_cont(0.5) within group (order by a)",
    "mode() within group (order by a)",
    "bool_or(a)",
]
WINDOWS = [
    "row_number() over ()",
    "sum(a) over (partition by b)",
    "lag(a) over (order by b)",
    "rank() over w",
]
COMMENTS = ["a -- status = 'open'", "a /* and b */", "/* a */ b", "a --\n + b", "/* /* nested */ */ a"]
UNKNOWN = {
    "age(born)": "age",
    "pg_sleep(10)": "pg_sleep",
    "current_setting('app.tenant')": "current_setting",
    "set_config('a', 'b', true)": "set_config",
    "current_user": "current_user",
    "session_user": "session_user",
    "pg_read_file('/etc/passwd')": "pg_read_file",
    "lo_import('/etc/passwd')": "lo_import",
    "dblink('a', 'b')": "dblink",
    "query_to_xml('select 1', true, true, '')": "query_to_xml",
    "generate_series(1, a)": "generate_series",
    "unnest(tags)": "unnest",
    "slugify(name)": "slugify",
    "lower(slugify(name))": "slugify",
    "row(a, b)": "row",
}
CHANGING = {
    "now()": "current_timestamp",
    "current_timestamp": "current_timestamp",
    "current_date": "current_date",
    "localtimestamp": "localtimestamp",
    "clock_timestamp()": "clock_timestamp",
    "timeofday()": "timeofday",
    "random()": "random",
    "gen_random_uuid()": "gen_random_uuid",
    "nextval('numbers')": "nextval",
    "date_trunc('day', now())": "current_timestamp",
}
CLOCK_WORDS = [
    "sold_at > 'today'",
    "sold_at > 'NOW'",
    "'now'::timestamptz",
    "date 'yesterday'",
    "sold_at < ' tomorrow 10:00'",
    "coalesce(sold_at, 'now')",
]


def _refusal(text: str) -> tuple[str, str]:
    with pytest.raises(ExpressionRefused) as refused:
        parse_expression(text, table="sales")
    return str(refused.value), refused.value.hint


@pytest.mark.parametrize("text", ALLOWED)
def test_plain_sql_is_taken(text: str) -> None:
    assert parse_expression(text, table="sales").text == text


@pytest.mark.parametrize("text", SUB_QUERIES)
def test_a_sub_query_is_refused(text: str) -> None:
    assert _refusal(text) == (f"'{text}' holds a sub-query.", "Declare the other table and a join to it.")


@pytest.mark.parametrize("text", NO_EXPRESSION)
def test_what_is_not_one_expression_is_refused(text: str) -> None:
    assert _refusal(text) == (f"'{text}' is not one SQL expression.", "Check brackets and quotes.")


@pytest.mark.parametrize("text", ["a;", "a; drop table sales", ";", "a; -- b"])
def test_a_second_statement_is_refused(text: str) -> None:
    message, _ = _refusal(text)

    assert message in {f"'{text}' holds a semicolon.", f"'{text}' holds a comment of SQL."}


@pytest.mark.parametrize("text", ["", "  ", "\n", "-- a", "/* a */"])
def test_nothing_is_refused(text: str) -> None:
    assert _refusal(text) == ("There is no SQL expression here.", "Name a column.")


@pytest.mark.parametrize("text", AGGREGATES)
def test_an_aggregate_is_refused(text: str) -> None:
    assert _refusal(text) == (
        f"'{text}' holds an aggregate.",
        "The metric's type says how rows are aggregated.",
    )


@pytest.mark.parametrize("text", WINDOWS)
def test_a_window_function_is_refused(text: str) -> None:
    assert _refusal(text) == (f"'{text}' holds a window function.", "Aggregates over groups are metrics.")


@pytest.mark.parametrize("text", COMMENTS)
def test_a_comment_is_refused_for_it_may_hide_what_follows(text: str) -> None:
    message, hint = _refusal(text)

    assert message.endswith("holds a comment of SQL.")
    assert hint == "What follows it may be lost when lines are joined; use a comment of YAML."


def test_what_looks_like_a_comment_within_a_text_is_text() -> None:
    assert parse_expression("'-- /* a */' || name", table="sales").columns == ("name",)


@pytest.mark.parametrize(("text", "name"), UNKNOWN.items())
def test_a_function_that_may_change_its_mind_is_refused(text: str, name: str) -> None:
    assert _refusal(text) == (
        f"The function {name}() is not known to give the same result for the same row.",
        f"If it does, list it under 'functions:' of the model as '{name}'.",
    )


@pytest.mark.parametrize(("text", "name"), CHANGING.items())
def test_what_changes_while_an_answer_is_kept_is_refused_even_when_it_is_listed(text: str, name: str) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        parse_expression(text, table="sales", functions=[name])

    assert str(refused.value) == f"{name}() gives another result later, while an answer is kept."
    assert refused.value.hint == "Ranges of time belong in the question: dateRange, or a filter."


@pytest.mark.parametrize(("text", "name"), UNKNOWN.items())
def test_the_hint_about_a_function_works(text: str, name: str) -> None:
    assert parse_expression(text, table="sales", functions=[name.upper()]).text == text


@pytest.mark.parametrize("text", ["sum(a)", "(select a)", "row_number() over ()"])
def test_listing_a_function_opens_nothing_else(text: str) -> None:
    with pytest.raises(ExpressionRefused):
        parse_expression(text, table="sales", functions=["sum", "select", "row_number"])


@pytest.mark.parametrize("text", ["public.lower(a)", "pg_catalog.now()", "(sales).amount", "a.b.c.d.e"])
def test_a_name_with_a_schema_is_refused_for_it_may_be_another_function(text: str) -> None:
    message, _ = _refusal(text)

    assert message == f"'{text}' holds a name with a schema."


@pytest.mark.parametrize("text", ["$$now()$$", "$a$ text $a$ || b"])
def test_a_dollar_quoted_text_is_refused(text: str) -> None:
    assert _refusal(text) == (f"'{text}' holds a dollar-quoted text.", "Write it between single quotes.")


@pytest.mark.parametrize("text", ["$1", ":tenant", "?", "@a", "%s", "%(tenant)s"])
def test_a_placeholder_is_refused(text: str) -> None:
    assert _refusal(f"a = {text}")[0] == f"'a = {text}' holds a placeholder."


@pytest.mark.parametrize("text", ["*", "sales.*"])
def test_a_star_is_refused(text: str) -> None:
    assert _refusal(text) == (f"'{text}' holds a star.", "Name the columns.")


@pytest.mark.parametrize("text", CLOCK_WORDS)
def test_a_word_that_postgresql_reads_by_the_clock_is_refused(text: str) -> None:
    message, hint = _refusal(text)

    assert message.endswith("may be read as a time, another one each day.")
    assert "::text" in hint


@pytest.mark.parametrize(
    "text", ["a operator(pg_catalog.+) b", "(a, b) = (1, 2)", "lower(distinct a)", "lower(a order by b)"]
)
def test_what_is_not_known_to_be_safe_is_refused(text: str) -> None:
    message, hint = _refusal(text)

    assert "which an expression may not" in message
    assert hint == "Columns, values, operators, CASE, casts and plain functions are allowed."


def test_a_cast_to_a_type_that_is_not_postgresqls_own_is_refused() -> None:
    assert _refusal("a::my_type")[0] == "'a::my_type' casts to an unknown type."
