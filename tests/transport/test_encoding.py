"""Accept-Encoding as clients of every kind send it, and bodies that come out as they went in."""

import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor

import brotli
import pytest
import zstandard

from servery.transport.encoding import ASIDE_FROM, Choice, choice_of, packed, packed_aside

CHROME = b"gzip, deflate, br, zstd"
SAFARI = b"gzip, deflate, br"
BODY = b'{"channel": "iFood", "faturamento": "1234.50"}' * 100

CHOICES = {
    CHROME: "zstd",
    SAFARI: "br",
    b"gzip": "gzip",
    b"x-gzip": "gzip",
    b"GZIP ; Q=0.5": "gzip",
    b"deflate": "identity",
    b"": "identity",
    b",": "identity",
    b"*": "zstd",
    b"*;q=0.1": "zstd",
    b"zstd;q=0, *": "br",
    b"zstd;q=0.5, br;q=0.8, gzip;q=0.8": "br",
    b"gzip;q=1.0, identity;q=0.5": "gzip",
    b"gzip;q=0.5, identity": "identity",
    b"gzip;q=0": "identity",
    b"gzip;q=0.000": "identity",
    b"gzip;q=loud": "identity",
    b"gzip;q=nan, br;q=inf, zstd;q=-1": "identity",
    b"identity": "identity",
    b"identity;q=0": "identity",
    b"*;q=0": "identity",
    b"\xff\xfe, gzip": "gzip",
}


@pytest.mark.parametrize(("header", "coding"), CHOICES.items())
def test_a_client_is_given_the_coding_that_it_wants_most_and_we_like_most(header: bytes, coding: str) -> None:
    assert choice_of(header).of_size(10_000) == coding


@pytest.mark.parametrize("header", [b"gzip, identity;q=0", b"gzip, *;q=0"])
def test_a_client_that_takes_nothing_plain_is_sent_nothing_plain(header: bytes) -> None:
    assert choice_of(header) == Choice("gzip", always=True)
    assert choice_of(header).of_size(1) == "gzip"


@pytest.mark.parametrize("header", [CHROME, b"*;q=0, identity, gzip;q=1", b"gzip, *;q=0.1"])
def test_small_bodies_are_not_worth_packing(header: bytes) -> None:
    assert choice_of(header).of_size(1023) == "identity"
    assert choice_of(header).of_size(1024) != "identity"


def unpacked(body: bytes, coding: str) -> bytes:
    match coding:
        case "zstd":
            return zstandard.ZstdDecompressor().decompress(body)
        case "br":
            return brotli.decompress(body)
        case "gzip":
            return zlib.decompress(body, wbits=31)
        case _:
            return body


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
def test_a_packed_body_is_smaller_the_same_each_time_and_comes_out_as_it_was(coding: str) -> None:
    sent = packed(BODY, coding)

    assert len(sent) < len(BODY) / 5
    assert packed(BODY, coding) == sent
    assert unpacked(sent, coding) == BODY


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
def test_a_packed_body_takes_no_more_memory_than_it_is_long(coding: str) -> None:
    sent = packed(BODY * 100, coding)

    tracemalloc.start()
    try:
        kept = packed(BODY * 100, coding)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kept == sent
    assert taken < len(sent) + 1_000


def test_a_plain_body_stays_what_it_is() -> None:
    assert packed(BODY, "identity") is BODY


def test_threads_do_not_get_in_each_others_way() -> None:
    bodies = [BODY + bytes([65 + n]) * 20_000 for n in range(20)]

    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(lambda body: packed(body, "zstd"), bodies * 10))

    assert [unpacked(each, "zstd") for each in sent] == bodies * 10


@pytest.mark.anyio
@pytest.mark.parametrize("coding", ["zstd", "br", "gzip", "identity"])
@pytest.mark.parametrize("size", [10, ASIDE_FROM])
async def test_a_body_packed_aside_is_the_same(coding: str, size: int) -> None:
    body = b"x" * size

    assert await packed_aside(body, coding) == packed(body, coding)
