"""Documents that are known are neither parsed nor validated again."""

from typing import Any

import pytest
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.schema.schema import validate_document

from schema import documents
from schema.documents import MAX_TOKENS, Documents
from tests.fakes import running

QUESTION = "{ catalog { title } }"


def test_a_text_is_parsed_once() -> None:
    known = Documents()

    assert known.parsed(QUESTION) is known.parsed(QUESTION)


def test_what_is_no_document_is_refused_each_time() -> None:
    known = Documents()

    for _ in range(2):
        with pytest.raises(GraphQLSyntaxError):
            known.parsed("{ catalog {")


def test_a_document_of_too_many_tokens_is_refused() -> None:
    with pytest.raises(GraphQLSyntaxError, match=f"more than {MAX_TOKENS} tokens"):
        Documents().parsed("{" + "a " * MAX_TOKENS + "}")


def test_the_texts_are_bounded_and_the_one_used_last_stays() -> None:
    known = Documents(most_letters=30)
    one, other = known.parsed("{ one_of_them }"), known.parsed("{ other }")
    assert known.parsed("{ one_of_them }") is one

    known.parsed("{ third }")

    assert known.parsed("{ one_of_them }") is one
    assert known.parsed("{ other }") is not other


def test_a_text_that_is_larger_than_all_may_be_is_not_kept() -> None:
    known = Documents(most_letters=5)

    assert known.parsed(QUESTION) is not known.parsed(QUESTION)


def test_a_document_is_validated_once_whether_it_is_good_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    validated = []

    def counting(*given: Any) -> list[GraphQLError]:
        validated.append(given)
        return validate_document(*given)

    monkeypatch.setattr(documents, "validate_document", counting)
    with running() as service:
        told = [service.ask(text) for text in (QUESTION, "{ nothing }") * 3]

    assert len(validated) == 2
    assert [sorted(each) for each in told] == [["data"], ["errors"]] * 3
