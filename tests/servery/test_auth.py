"""Who is an administrator, and who is not."""

import pytest

from model.viewer import ANONYMOUS
from servery.auth import Tokens
from tests.fakes import TOKEN, running

CLEAR = "mutation { clearCache { deleted } }"


@pytest.mark.parametrize("header", ["Bearer opened", "bearer opened", "BEARER  opened "])
def test_the_bearer_of_the_token_is_an_administrator(header: str) -> None:
    assert Tokens("opened").viewer(header).is_admin


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "opened",
        "Bearer",
        "Bearer ",
        "Bearer open",
        "Bearer openedd",
        "Basic opened",
        "Bearer opened x",
        "Bearer öffne",
    ],
)
def test_everybody_else_is_anonymous(header: str | None) -> None:
    assert Tokens("opened").viewer(header) == ANONYMOUS


@pytest.mark.parametrize("given", [None, ""])
def test_without_a_token_one_is_made_that_nobody_can_guess(given: str | None) -> None:
    first, second = Tokens(given), Tokens(given)

    assert first.made
    assert len(first.admin) >= 32
    assert first.admin != second.admin
    assert first.viewer(f"Bearer {first.admin}").is_admin
    assert not first.viewer("Bearer ").is_admin


def test_a_token_that_is_given_is_not_made() -> None:
    assert not Tokens("opened").made


def test_a_mutation_without_the_token_changes_nothing() -> None:
    with running() as service:
        refused = service.ask(CLEAR)
        wrong = service.ask(CLEAR, token="guessed")

        assert "clear" not in service.store.calls
    for answer in (refused, wrong):
        assert answer["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
        assert "Authorization: Bearer" in answer["errors"][0]["message"]


def test_a_mutation_with_the_token_is_done() -> None:
    with running() as service:
        answer = service.ask(CLEAR, token=TOKEN)

    assert answer == {"data": {"clearCache": {"deleted": 0}}}


def test_a_token_in_the_address_is_worth_nothing() -> None:
    with running() as service:
        response = service.client.post(f"/graphql?token={TOKEN}&access_token={TOKEN}", json={"query": CLEAR})

    assert response.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}


def test_nobody_needs_a_token_to_ask() -> None:
    with running() as service:
        answer = service.ask("{ analytics(metrics: [faturamento], dimensions: [channel]) { data } }")

    assert "errors" not in answer
