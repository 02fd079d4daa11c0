"""What two services answered is the same, but for what a watch measured."""

import json
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Final

import brotli
import zstandard

from tests.lane.world import Got

TOOK: Final = re.compile(rb'("\w*queryTimeMs":)\d+\.\d+(?=[,}])')
ERRORS: Final = re.compile(r'(?<=[{,])"errors":(?=\[\{"message")')
DECODER: Final = json.JSONDecoder()
SMALL: Final = 1024
NEAR: Final = 64
"""What a watch measured may have a digit more, and a body be packed for that."""

_OF_SIZE: Final = {b"content-length", b"content-encoding"}


def _unpacked_zstd(body: bytes) -> bytes:
    with zstandard.ZstdDecompressor().stream_reader(body, read_across_frames=True) as reader:
        return reader.read()


UNPACKED: Mapping[bytes, Callable[[bytes], bytes]] = {
    b"zstd": _unpacked_zstd,
    b"br": brotli.decompress,
    b"gzip": lambda body: zlib.decompress(body, zlib.MAX_WBITS | 16),
    b"": bytes,
}


def told(got: Got, *, headless: bool = False) -> dict[str, object]:
    """Of a response, all that another to the same request must share. A HEAD has no body."""
    headers = dict(got.headers)
    assert len(headers) == len(got.headers), "a header twice"
    plain = b"" if headless else UNPACKED[headers.get(b"content-encoding", b"")](got.body)
    if b"content-length" in headers and not headless:
        assert headers[b"content-length"] == b"%d" % len(got.body)
    assert not (headless and got.body)
    masked = TOOK.sub(rb"\1-", plain)
    close = abs(len(masked) - SMALL) <= NEAR or headless
    kept = [pair for pair in got.headers if pair[0] not in _OF_SIZE]
    return {
        "status": got.status,
        "headers": kept,
        "coding": None if close else headers.get(b"content-encoding"),
        "body": _errors_sorted(masked),
    }


def _errors_sorted(body: bytes) -> bytes:
    """Loads that run at the same time fail in any order."""
    text, parts, done = body.decode(), [], 0
    for found in ERRORS.finditer(text):
        errors, end = DECODER.raw_decode(text, found.end())
        parts += [text[done : found.end()], json.dumps(sorted(errors, key=json.dumps))]
        done = end
    return "".join((*parts, text[done:])).encode()
