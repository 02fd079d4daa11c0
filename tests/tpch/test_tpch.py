import re

import duckdb
import pytest

from tests.service import Service
from tests.tpch.comparison import differences
from tests.tpch.queries import SSB, TPCH, BenchmarkQuery


@pytest.mark.anyio
@pytest.mark.integration
@pytest.mark.parametrize("query", TPCH, ids=[query.name for query in TPCH])
async def test_a_question_of_tpch_has_the_answer_of_its_sql(
    query: BenchmarkQuery, tpch: Service, duck: duckdb.DuckDBPyConnection
) -> None:
    """The numbers are the benchmark's; the way to ask for them is not always its own.

    What SQL says and the API does not, and what the example does about it:

    - An expression over columns of two tables (Q9: cost of an offer times quantity of a line). A view
      multiplies them, and the profit is the difference of two sums.
    - A comparison of columns of two tables (Q5: customer and supplier of one nation). The filter tells every
      pair of nations, so whoever asks must know them.
    - A sub-query as a set (Q16: suppliers with complaints; Q18: orders of many parts; Q15: the maximum). The
      first is a dimension, the second a `having` over the shown groups, the third the first row of an order,
      which is one row even where two suppliers sold the same.

    Some parameters stand in the model, where a question cannot change them: the nation of Q8, the priorities
    of Q12, the kind of type of Q14, the words of complaints of Q16. A year travels as its first day. In Q8,
    a share of nothing would be null, where the benchmark's is 0.
    """
    answer = await tpch.ask(query.question)
    told = asked_of("tpch", duck, query)

    assert "errors" not in answer, answer["errors"]
    assert differences(query, answer["data"]["analytics"]["data"], told) == []


@pytest.mark.anyio
@pytest.mark.integration
@pytest.mark.parametrize("query", SSB, ids=[query.name for query in SSB])
async def test_a_question_of_the_star_schema_has_the_answer_of_its_sql(
    query: BenchmarkQuery, ssb: Service, duck: duckdb.DuckDBPyConnection
) -> None:
    """All thirteen are asked as they are, of the tables that the example makes of TPC-H's.

    Q1.1 gives its year as a `dateRange` over the day of the order, which the fact table looks up.
    """
    answer = await ssb.ask(query.question)
    told = asked_of("ssb", duck, query)

    assert "errors" not in answer, answer["errors"]
    assert differences(query, answer["data"]["analytics"]["data"], told) == []


@pytest.mark.anyio
@pytest.mark.integration
async def test_each_of_the_three_kinds_of_q19_counts(tpch: Service, duck: duckdb.DuckDBPyConnection) -> None:
    """At this scale a single line passes all of Q19. With any carrier, lines of each kind of parts do."""
    (q19,) = (query for query in TPCH if query.name == "q19")
    carrier = r".*(mode|instruct|instruction)\b.*\n"

    answer = await tpch.ask(re.sub(carrier, "", q19.question))
    told = duck.execute("use tpch").execute(re.sub(carrier, "", q19.sql)).fetchall()

    assert told != asked_of("tpch", duck, q19)
    assert differences(q19, answer["data"]["analytics"]["data"], told) == []


@pytest.mark.parametrize("query", [*TPCH, *SSB], ids=[query.name for query in [*TPCH, *SSB]])
def test_no_expectation_is_empty(query: BenchmarkQuery, duck: duckdb.DuckDBPyConnection) -> None:
    told = asked_of("ssb" if query in SSB else "tpch", duck, query)

    assert told
    assert not [row for row in told if None in row]
    assert not [name for name in query.ratios if not all(row[query.columns.index(name)] for row in told)]


def asked_of(schema: str, duck: duckdb.DuckDBPyConnection, query: BenchmarkQuery) -> list[tuple[object, ...]]:
    return duck.execute(f"use {schema}").execute(query.sql).fetchall()
