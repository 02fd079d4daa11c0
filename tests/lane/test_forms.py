"""The same answer in all forms of HTTP, also out of the lane."""

import json
from dataclasses import replace

import pytest

from tests.lane.asked import QUESTION, TODAY, learnt, read, shown, world
from tests.lane.sent import JSON, Sent, asks, got, posted

pytestmark = pytest.mark.anyio


async def test_one_memo_serves_all_forms_and_codings() -> None:
    service = world()
    service.database.most = 60
    sent = asks("{ analytics(metrics: [revenue], dimensions: [channel]) { data metadata { cacheKey } } }")
    await learnt(service, sent)
    forms = [(b"accept", b"application/graphql-response+json"), (b"accept", b"*/*")]
    codings = [b"zstd", b"br", b"gzip", b"identity"]

    for _ in range(2):
        kinds = [dict((await service.ask(sent.under(form))).headers)[b"content-type"] for form in forms]
        answers = [await service.ask(sent.under((b"accept-encoding", coding))) for coding in codings]

        assert kinds == [b"application/graphql-response+json; charset=utf-8", b"application/json"]
        told = [dict(each.headers).get(b"content-encoding", b"identity") for each in answers]
        assert told == codings
        assert len({json.dumps(read(each)) for each in answers}) == 1
    assert shown(service) == 12


async def test_packed_rows_with_other_times_beside_them_are_read_as_one() -> None:
    service = world()
    service.database.most, service.database.edition = 200, 1
    fields = "metadata { ageMs queryTimeMs } data"
    sent = asks(
        f"{{ a: analytics(metrics: [sold]) {{ {fields} }} b: analytics(metrics: [kinds]) {{ {fields} }} }}"
    )
    await learnt(service, sent)
    plain = read(await service.ask(sent))["data"]
    assert len(json.dumps(plain)) > 3_000

    for age in (1_000, 2_000):
        service.turn(1)
        answer = await service.ask(sent.under((b"accept-encoding", b"zstd")))

        assert dict(answer.headers)[b"content-encoding"] == b"zstd"
        found = read(answer)["data"]
        assert {each["metadata"]["ageMs"] for each in found.values()} == {age}
        assert {key: each["data"] for key, each in found.items()} == {
            key: each["data"] for key, each in plain.items()
        }
    assert shown(service) == 3


async def test_a_bracket_in_an_address_makes_no_list() -> None:
    service = world()
    sent = got({"query": QUESTION})
    sent = replace(sent, query_string=b"[&" + sent.query_string)

    answers = [await service.ask(sent) for _ in range(4)]

    assert [type(read(each)) for each in answers] == [dict] * 4
    assert shown(service) == 2


async def test_a_list_behind_a_byte_order_mark_is_a_list() -> None:
    service = world()
    body = b"\xef\xbb\xbf" + json.dumps([{"query": QUESTION}, {"query": TODAY}]).encode()

    answers = [await service.ask(Sent("POST", body=body, headers=(JSON,))) for _ in range(4)]

    assert [len(read(each)) for each in answers] == [2] * 4
    assert shown(service) == 2


@pytest.mark.parametrize("document", [QUESTION, "{ analytics(metrics: [sold]) { data } }"])
async def test_each_request_of_a_list_is_counted(document: str) -> None:
    service = world()

    for _ in range(5):
        await service.ask(posted([{"query": document}, {"query": TODAY}, {"query": document}]))
        await service.ask(posted([{"query": document}, {"query": document}]))

    assert service.requests == {(200, "OK"): 25}
    assert shown(service) == 7


async def test_a_tag_that_is_known_is_answered_with_nothing() -> None:
    service = world()
    sent = got({"query": QUESTION})
    await learnt(service, sent)
    etag = dict((await service.ask(sent)).headers)[b"etag"]

    again = await service.ask(sent.under((b"if-none-match", etag)))
    other = await service.ask(sent.under((b"if-none-match", b'W/"other"')))

    assert (again.status, again.body, other.status) == (304, b"", 200)
    assert (shown(service), service.requests) == (3, {(200, "OK"): 5, (304, "OK"): 1})


async def test_head_is_answered_as_get_without_its_body() -> None:
    service = world()
    sent = got({"query": QUESTION})
    await learnt(service, sent)

    full, empty = await service.ask(sent), await service.ask(replace(sent, method="HEAD"))

    assert (full.headers, empty.body, shown(service)) == (empty.headers, b"", 2)
