"""Bodies that are packed for those who can unpack them."""

import zlib
from collections.abc import Callable, Iterator

import brotli
import pytest
import zstandard
from httpx2 import Response

from db.database import Result
from tests.fakes import ANSWER, FakeDatabase, Service, running

QUESTION = "{ analytics(metrics: [faturamento], dimensions: [channel]) { data } }"
ROWS = Result(ANSWER.columns, [(f"channel {n}", "1234.50") for n in range(100)], 1.0)
UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
    "br": brotli.decompress,
    "gzip": lambda body: zlib.decompress(body, wbits=31),
}


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running(database=FakeDatabase(ROWS)) as service:
        yield service


def raw(
    service: Service, accepted: str, method: str = "POST", query: str = QUESTION
) -> tuple[Response, bytes]:
    """The bytes as they were sent."""
    asked = {"json": {"query": query}} if method == "POST" else {"params": {"query": query}}
    headers = {"Accept-Encoding": accepted}
    with service.client.stream(method, "/graphql", headers=headers, **asked) as response:  # type: ignore[arg-type]
        return response, b"".join(response.iter_raw())


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_answer_is_packed_for_those_who_can_unpack_it(service: Service, coding: str, method: str) -> None:
    plain, whole = raw(service, "identity", method)
    response, sent = raw(service, coding, method)

    assert response.headers["content-encoding"] == coding
    assert int(response.headers["content-length"]) == len(sent) < len(whole)
    assert UNPACK[coding](sent) == whole
    assert "content-encoding" not in plain.headers
    assert response.headers["vary"] == plain.headers["vary"]
    assert response.headers["content-type"] == plain.headers["content-type"]


def test_the_tag_is_the_same_however_it_is_packed(service: Service) -> None:
    tags = {raw(service, coding, "GET")[0].headers["etag"] for coding in ("identity", "zstd", "br", "gzip")}

    assert len(tags) == 1


def test_short_answers_are_not_worth_it(service: Service) -> None:
    response, sent = raw(service, "gzip, br, zstd", query="{ __typename }")

    assert "content-encoding" not in response.headers
    assert sent == b'{"data":{"__typename":"Query"}}'
