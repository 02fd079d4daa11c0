"""What is read of the headers, however often and however oddly they are sent."""

import pytest

from servery.transport.facts import LONGEST_REMEMBERED, Facts, facts_of
from servery.transport.media import form_of

MODERN = b"application/graphql-response+json"
BROWSER = b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def facts(*headers: tuple[bytes, bytes], method: str = "POST") -> Facts:
    return facts_of({"type": "http", "method": method, "headers": list(headers)})


def test_a_request_without_headers_is_one_for_plain_json() -> None:
    found = facts(method="GET")

    assert (found.method, found.modern, found.page) == ("GET", False, False)
    assert (found.authorization, found.if_none_match, found.content_type) == (None, None, "")
    assert found.coding.of_size(10_000) == "identity"


@pytest.mark.parametrize(
    ("accept", "modern"),
    [
        (MODERN, True),
        (MODERN + b"; charset=utf-8, application/json; charset=utf-8", True),
        (b"application/json, " + MODERN, True),
        (MODERN + b", application/json;q=0.9", True),
        (MODERN.upper(), True),
        (MODERN + b";q=0.5, application/json", False),
        (MODERN + b";q=0", False),
        (b"application/json", False),
        (b"*/*", False),
        (b"", False),
        (BROWSER, False),
    ],
)
def test_graphqls_own_media_type_is_for_those_who_want_it_at_least_as_much(
    accept: bytes, *, modern: bool
) -> None:
    assert facts((b"accept", accept)).modern is modern


@pytest.mark.parametrize(
    ("accept", "page"),
    [(BROWSER, True), (b"text/html", True), (b"application/json, text/html;q=0.1", False), (b"*/*", False)],
)
def test_a_page_is_for_those_who_would_rather_have_one(accept: bytes, *, page: bool) -> None:
    assert facts((b"accept", accept)).page is page


def test_lists_on_several_lines_are_one_list() -> None:
    found = facts((b"accept", b"application/json;q=0.5"), (b"accept", MODERN), (b"if-none-match", b'"a"'))
    several = facts((b"if-none-match", b'"a"'), (b"if-none-match", b'"b"'))

    assert found.modern
    assert several.if_none_match == b'"a", "b"'


def test_of_two_credentials_the_first_counts() -> None:
    found = facts((b"authorization", b"Bearer one"), (b"authorization", b"Bearer two"))

    assert found.authorization == "Bearer one"


def test_the_type_of_a_body_is_known_in_every_spelling() -> None:
    assert facts((b"content-type", b"Application/JSON ; charset=utf-8")).content_type == "application/json"


def test_a_long_header_is_read_but_not_remembered() -> None:
    long = MODERN + b", text/plain" * LONGEST_REMEMBERED
    before = form_of.cache_info().currsize

    found = facts((b"accept", long), (b"accept-encoding", b"gzip" + b", x" * LONGEST_REMEMBERED))

    assert found.modern
    assert found.coding.of_size(10_000) == "gzip"
    assert form_of.cache_info().currsize == before
