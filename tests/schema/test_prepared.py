"""A document that comes again is not gone through again, and nobody can tell."""

from random import Random

import pytest

from tests.lane.questions import drawn
from tests.schema.asked import Book, Told, asked, schema_of_the_kiosk

pytestmark = pytest.mark.anyio

SCHEMA = schema_of_the_kiosk()
QUESTION = "analytics(metrics: [sold])"


async def again_and_again(query: str, variables: object = None, book: Book | None = None) -> list[Told]:
    """By a schema that has not met the document before."""
    schema = schema_of_the_kiosk()
    return [await asked(schema, query, variables, book=book) for _ in range(3)]


@pytest.mark.parametrize("seed", range(6))
async def test_any_document_is_answered_as_at_first(seed: int) -> None:
    dice, prepared = Random(seed), 0
    for _ in range(100):
        document = drawn(dice, alone=False)
        request = document["query"], document.get("variables"), document.get("operationName")

        first = await asked(SCHEMA, *request)
        later = [await asked(SCHEMA, *request) for _ in range(2)]

        assert [each.response for each in later] == [first.response] * 2, request
        assert [sorted(each.heard) for each in later] == [sorted(first.heard)] * 2, request
        prepared += later[-1].was_prepared

    assert prepared > 30


async def test_a_document_is_prepared_when_it_comes_again() -> None:
    told = await again_and_again(f"{{ {QUESTION} {{ data }} }}")

    assert [each.was_prepared for each in told] == [False, True, True]


@pytest.mark.parametrize(
    "query",
    [
        f"{{ {QUESTION} {{ data }} cacheStats {{ hits }} }}",
        f"{{ {QUESTION} {{ data }} __typename }}",
        f"{{ ... {{ {QUESTION} {{ data }} }} }}",
        f"{{ {QUESTION} {{ data }} {QUESTION} {{ totals }} }}",
        f"{{ {QUESTION} {{ data @skip(if: false) }} }}",
        f"{{ {QUESTION} {{ metadata {{ sql }} }} }}",
        'mutation { deleteCacheKey(cacheKey: "analytics:1") { deleted } }',
    ],
    ids=["another", "typename", "fragment", "twice", "directive", "sql", "mutation"],
)
async def test_what_is_in_doubt_is_left_to_the_executor(query: str) -> None:
    first, *later = await again_and_again(query)

    assert [each.response for each in later] == [first.response] * 2
    assert not any(each.was_prepared for each in later)


async def test_faults_of_several_questions_stand_where_they_were_made() -> None:
    bad = 'analytics(metrics: [sold], dateRange: {startDate: "31.1.2026"}, limit: $limit) { data }'
    query = f"query($limit: Int!) {{ a: {bad} b: {QUESTION} {{ data }} c: {bad} }}"

    first, *later = await again_and_again(query, {"limit": 3})

    assert first.response.count("INVALID_DATE_RANGE") == 2
    assert all(each.response == first.response and each.was_prepared for each in later)


@pytest.mark.parametrize("given", [{}, {"limit": None}, {"limit": "three"}, {"limit": 2**40}])
async def test_variables_that_are_wrong_are_refused_in_the_same_words(given: dict[str, object]) -> None:
    query = "query($limit: Int!) { analytics(metrics: [sold], limit: $limit) { data } }"

    first, *later = await again_and_again(query, given)

    assert "errors" in first.response
    assert [each.response for each in later] == [first.response] * 2


async def test_a_variable_of_another_request_leaves_no_trace() -> None:
    query = "query($limit: Int = 9) { analytics(metrics: [sold], limit: $limit) { data } }"
    schema = schema_of_the_kiosk()

    told = [await asked(schema, query, given) for given in ({"limit": 1}, {"limit": 2}, {}, {"limit": None})]

    limits = [f"limit={limit}" in each.heard[0] for each, limit in zip(told, (1, 2, 9, None), strict=True)]
    assert limits == [True] * 4
    assert [each.was_prepared for each in told] == [False, True, True, True]


async def test_an_answer_that_cannot_be_shown_is_an_error_and_is_asked_for_once() -> None:
    """An Int of GraphQL ends at 2^31: an answer of 25 days is older."""
    query = f"{{ a: {QUESTION} {{ data metadata {{ age: ageMs }} }} b: {QUESTION} {{ data }} }}"

    first, *later = await again_and_again(query, book=Book(age_ms=2**31))

    assert "'path': ['a', 'metadata', 'age']" in first.response
    assert [each.response for each in later] == [first.response] * 2
    assert later[-1].heard.count(first.heard[0]) == 3 * first.heard.count(first.heard[0])
