"""Documents by name: learnt within a bound, trusted by a list, and nobody gets around it."""

from hashlib import sha256

import pytest

from model.viewer import ADMIN, ANONYMOUS, Viewer
from servery.transport.persisted import Documents
from servery.transport.reading import Asked
from servery.transport.refused import BadRequest

ADMINISTRATOR = Viewer("admin", roles=frozenset({ADMIN}))
TRUSTED = {"sales-by-day": "{ trusted }", sha256(b"{ other }").hexdigest(): "{ other }"}


def hashed(document: str) -> str:
    return sha256(document.encode()).hexdigest()


def text(query: str, sent: str | None = None) -> Asked:
    return Asked(query, None, sent, None, None, may_change=True)


def by_hash(sent: str) -> Asked:
    return Asked(None, None, sent, None, None, may_change=True)


def by_id(name: str) -> Asked:
    return Asked(None, name, None, None, None, may_change=True)


def code(documents: Documents, asked: Asked, viewer: Viewer = ANONYMOUS) -> tuple[int, str]:
    with pytest.raises(BadRequest) as refused:
        documents.document_of(asked, viewer)
    return refused.value.status, refused.value.code


def teach(documents: Documents, query: str) -> None:
    asked = text(query, hashed(query))
    assert documents.document_of(asked, ADMINISTRATOR) == query
    documents.learn(asked)


def test_a_hash_alone_will_do_once_its_document_was_sent() -> None:
    documents = Documents()
    assert code(documents, by_hash(hashed("{ a }"))) == (200, "PERSISTED_QUERY_NOT_FOUND")

    teach(documents, "{ a }")

    assert documents.document_of(by_hash(hashed("{ a }")), ANONYMOUS) == "{ a }"
    assert documents.document_of(by_id(f"sha256:{hashed('{ a }')}"), ANONYMOUS) == "{ a }"


def test_a_document_under_a_hash_that_is_not_its_own_is_refused_and_not_learnt() -> None:
    documents, wrong = Documents(), text("{ evil }", hashed("{ a }"))

    assert code(documents, wrong) == (400, "BAD_REQUEST")
    documents.learn(wrong)

    assert code(documents, by_hash(hashed("{ a }"))) == (200, "PERSISTED_QUERY_NOT_FOUND")


def test_a_document_sent_without_a_hash_is_not_learnt() -> None:
    documents = Documents()

    documents.learn(text("{ a }"))

    assert code(documents, by_hash(hashed("{ a }"))) == (200, "PERSISTED_QUERY_NOT_FOUND")


def test_of_too_many_documents_those_not_used_for_longest_go() -> None:
    documents = Documents(most=2)
    for query in ("{ a }", "{ b }"):
        teach(documents, query)
    documents.document_of(by_hash(hashed("{ a }")), ANONYMOUS)

    teach(documents, "{ c }")

    assert code(documents, by_hash(hashed("{ b }"))) == (200, "PERSISTED_QUERY_NOT_FOUND")
    assert documents.document_of(by_hash(hashed("{ a }")), ANONYMOUS) == "{ a }"


def test_learning_again_pushes_nobody_out() -> None:
    documents = Documents(most=2)
    for query in ("{ a }", "{ b }", "{ b }"):
        teach(documents, query)

    assert documents.document_of(by_hash(hashed("{ a }")), ANONYMOUS) == "{ a }"


def test_bytes_are_bounded_and_a_document_over_all_of_them_is_let_be() -> None:
    documents = Documents(most_bytes=1_000)
    large, huge = "{ " + "a" * 600 + " }", "{ " + "b" * 2_000 + " }"
    for query in ("{ c }", large, huge):
        teach(documents, query)
    assert documents.document_of(by_hash(hashed(large)), ANONYMOUS) == large

    teach(documents, large.upper())

    assert code(documents, by_hash(hashed(large))) == (200, "PERSISTED_QUERY_NOT_FOUND")
    assert code(documents, by_hash(hashed(huge))) == (200, "PERSISTED_QUERY_NOT_FOUND")


@pytest.mark.parametrize(
    "asked",
    [
        by_id("sales-by-day"),
        by_hash("sales-by-day"),
        text("{ trusted }"),
        text("{ trusted }", "sales-by-day"),
        text("{ trusted }", hashed("{ trusted }")),
    ],
)
@pytest.mark.parametrize("only", [True, False])
def test_a_trusted_document_is_answered_by_its_name_and_as_a_text(asked: Asked, *, only: bool) -> None:
    assert Documents(TRUSTED, only=only).document_of(asked, ANONYMOUS) == "{ trusted }"


def test_the_prefix_of_a_hash_may_stand_there_or_not() -> None:
    documents = Documents(TRUSTED, only=True)

    assert documents.document_of(by_id(f"sha256:{hashed('{ other }')}"), ANONYMOUS) == "{ other }"
    assert documents.document_of(by_id(hashed("{ other }")), ANONYMOUS) == "{ other }"


@pytest.mark.parametrize(
    "asked",
    [
        text("{ any }"),
        text("{ trusted } "),
        text("{ any }", hashed("{ any }")),
        by_hash(hashed("{ any }")),
        by_id("any"),
        by_id(f"sha256:{hashed('{ any }')}"),
    ],
)
def test_where_only_trusted_ones_are_answered_nothing_else_is(asked: Asked) -> None:
    documents = Documents(TRUSTED, only=True)
    teach(documents, "{ any }")

    assert code(documents, asked) == (403, "DOCUMENT_NOT_TRUSTED")


def test_administrators_ask_what_they_like_all_the_same() -> None:
    documents = Documents(TRUSTED, only=True)
    teach(documents, "{ any }")

    assert documents.document_of(text("{ any }"), ADMINISTRATOR) == "{ any }"
    assert documents.document_of(by_hash(hashed("{ any }")), ADMINISTRATOR) == "{ any }"
    assert code(documents, by_hash("nobody's"), ADMINISTRATOR) == (200, "PERSISTED_QUERY_NOT_FOUND")


def test_a_name_that_nobody_knows_is_refused_everywhere() -> None:
    assert code(Documents(), by_id("any")) == (403, "DOCUMENT_NOT_TRUSTED")
    assert code(Documents(TRUSTED), by_id("any"), ADMINISTRATOR) == (403, "DOCUMENT_NOT_TRUSTED")
