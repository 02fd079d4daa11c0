import re
from datetime import date

import pytest

from cache import CacheKey


def test_a_name_is_the_prefix_and_an_md5() -> None:
    key = CacheKey.of("analytics", {"metrics": ["faturamento"]}, scope={"tenant": "a"}, version="1")

    assert re.fullmatch(r"analytics:query:[0-9a-f]{32}", key.name)
    assert re.fullmatch(r"[0-9a-f]{64}", key.sha256)


def test_a_date_is_a_fine_argument() -> None:
    keys = [CacheKey.of("analytics", {"day": date(2026, 1, day)}, scope={}, version="1") for day in (1, 1, 2)]

    assert keys[0] == keys[1]
    assert keys[0].name != keys[2].name


def test_a_name_stays_the_same_from_release_to_release() -> None:
    key = CacheKey.of(
        "analytics",
        {"metrics": ["faturamento"], "range": (date(2026, 1, 1), None), "limit": 10},
        scope={"tenant": "north"},
        version="1",
    )

    assert key.text == (
        '{"mapping":{"arguments":{"mapping":{"limit":{"number":"1e1"},"metrics":["faturamento"],'
        '"range":[{"date":"2026-01-01"},null]}},"format":{"number":"3e0"},'
        '"scope":{"mapping":{"tenant":"north"}},"version":"1"}}'
    )
    assert key.name == "analytics:query:f66401aafa08525eb8a8552f7c9e07ad"


def test_scope_version_and_arguments_each_make_another_key() -> None:
    base = CacheKey.of("analytics", {"a": 1}, scope={"tenant": "north"}, version="1")

    assert base.name != CacheKey.of("analytics", {"a": 1}, scope={"tenant": "south"}, version="1").name
    assert base.name != CacheKey.of("analytics", {"a": 1}, scope={"tenant": "north"}, version="2").name
    assert base.name != CacheKey.of("analytics", {"a": 2}, scope={"tenant": "north"}, version="1").name
    assert base.scope != CacheKey.of("analytics", {"a": 1}, scope={"tenant": "south"}, version="1").scope


def test_what_is_absent_is_not_what_is_null() -> None:
    with_null = CacheKey.of("analytics", {"a": None}, scope={}, version="1")
    without = CacheKey.of("analytics", {}, scope={}, version="1")

    assert with_null.name != without.name


@pytest.mark.parametrize("prefix", ["", "two words", "line\n"])
def test_a_prefix_is_visible_text(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix of a key"):
        CacheKey.of(prefix, {}, scope={}, version="1")
