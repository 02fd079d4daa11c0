"""Questions that a model lists under `warm:`, and that nobody can ask of it."""

import pytest

from servery.check.finding import Severity
from tests.check.holding import FULL, MODEL, TABLES, found, of, run

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("metrics: [nope]", "nope"),
        ("metrics: [revenue", "Syntax"),
        ("metrics: [revenue], dateRange: {}", "dateRange"),
    ],
)
async def test_a_question_that_cannot_be_asked_is_an_error(database_url: str, text: str, said: str) -> None:
    await run(database_url, TABLES, FULL)

    (finding,) = of(Severity.ERROR, await found(database_url, f'warm: ["{text}"]\n{MODEL}'))

    assert finding.path == ("warm",)
    assert f"The question '{text}' cannot be asked: " in finding.message
    assert said in finding.message


async def test_a_question_that_can_be_asked_is_none(database_url: str) -> None:
    await run(database_url, TABLES, FULL)

    assert not of(Severity.ERROR, await found(database_url, f'warm: ["metrics: [revenue]"]\n{MODEL}'))
