"""What breaks beside the execution of a request."""

import re

import pytest
from structlog.testing import capture_logs

from schema.build import Schema
from tests.fakes import running

QUESTION = "{ __typename }"


@pytest.mark.parametrize("body", [{"query": QUESTION}, [{"query": QUESTION}]])
def test_what_was_not_meant_to_happen_is_told_in_our_words(
    body: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object) -> None:
        raise ZeroDivisionError("a secret")

    with running() as service, capture_logs() as lines:
        monkeypatch.setattr(Schema, "execute", breaks)
        response = service.client.post("/graphql", json=body)
        metrics = service.client.get("/metrics").text

    (told,) = response.json()["errors"]
    assert response.status_code == 500
    assert told["extensions"]["code"] == "INTERNAL"
    assert "secret" not in response.text
    (line,) = [each for each in lines if each["event"] == "internal error"]
    assert line["request_id"] == told["extensions"]["requestId"]
    assert line["request_id"] in told["message"]
    assert re.search(r'servery_requests_total\{[^}]*code="INTERNAL"[^}]*\} 1', metrics)
