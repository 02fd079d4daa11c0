"""The bench of misses: it measures misses, and compares equal answers."""

from itertools import islice
from pathlib import Path

import orjson
import pytest

from bench.faults import NotMeasured
from bench.miss import CALLERS, OTHERS, OURS, SIZES, Pace, Size, measure, ranges, table_of
from bench.servers import servery_app
from bench.yardstick import PLAIN


def test_no_range_comes_twice() -> None:
    asked = list(ranges())

    assert len(set(asked)) == len(asked) > 2_000


def test_questions_of_one_size_are_one_document_and_one_statement() -> None:
    size, (one, other) = SIZES[0], islice(ranges(), 2)

    documents = {orjson.loads(size.asked(each))["query"] for each in (one, other)}
    statements = {size.statement(each).text for each in (one, other)}

    assert (len(documents), len(statements)) == (1, 1)


def test_the_table_tells_what_servery_costs_beside_each() -> None:
    measured = {(100, 8, OURS): [3.0, 4.0], **{(100, 8, name): [1.0, 2.0] for name in (*OTHERS, PLAIN)}}

    rows = list(table_of(measured).rows)

    assert rows[0] == ("100", "8", OURS, "3.5", "3", "", "", "", "")
    assert rows[1] == ("", "", "asyncpg + orjson", "1.5", "1", "2", "2.5", "2", "3")
    assert rows[-1] == ("", "", PLAIN, "1.5", "1", "2", "2.5", "2", "3")


@pytest.mark.integration
def test_the_smallest_run_measures_every_server(restaurant_url: str, redis_url: str, tmp_path: Path) -> None:
    app = servery_app(restaurant_url, redis_url)

    found = measure(app, Pace(questions=8, rounds=1), tmp_path, None, SIZES[:1])

    assert set(found) == {(100, callers, name) for callers in CALLERS for name in (OURS, *OTHERS, PLAIN)}
    assert all(each > 0 for used in found.values() for each in used)


@pytest.mark.integration
def test_more_questions_than_there_are_ranges_are_refused(
    restaurant_url: str, redis_url: str, tmp_path: Path
) -> None:
    with pytest.raises(NotMeasured, match=r"only 3600 ranges; ask for fewer --questions or --rounds"):
        measure(servery_app(restaurant_url, redis_url), Pace(3_600, 1), tmp_path, None, SIZES[:1])


@pytest.mark.integration
def test_answers_of_another_size_are_not_measured(
    restaurant_url: str, redis_url: str, tmp_path: Path
) -> None:
    more_than_there_are = Size(9_000, ("store",))

    with pytest.raises(NotMeasured, match="does not send the 9000 rows"):
        measure(servery_app(restaurant_url, redis_url), Pace(1, 1), tmp_path, None, [more_than_there_are])
