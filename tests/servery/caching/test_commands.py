"""`servery cache ...` over a real Redis: what is there, why, and making it new."""

import asyncio
import subprocess
import sys

import pytest
from redis import Redis

from cache import Mode
from model.faults import ModelInvalid
from resolvers.shared_figures import SharedFigures
from servery.caching.clear import run_clear
from servery.caching.desk import DONE, NOT_DONE
from servery.caching.explain import run_explain
from servery.caching.keys import run_keys
from servery.caching.stats import run_stats
from servery.embedded.port import free_port
from servery.settings import Settings
from tests.fakes import HOUSE, RESTAURANT
from tests.servery.caching.telling import Told, asked, cache_over, settings, told

pytestmark = pytest.mark.anyio


async def stats(url: str, *, as_json: bool = False) -> Told:
    return await told(lambda out, err: run_stats(settings(url), out, err, as_json=as_json))


async def keys(url: str, pattern: str | None = None, limit: int = 50, *, as_json: bool = False) -> Told:
    return await told(
        lambda out, err: run_keys(settings(url), out, err, pattern=pattern, limit=limit, as_json=as_json)
    )


async def explain(url: str, key: str, *, as_json: bool = False) -> Told:
    return await told(lambda out, err: run_explain(settings(url), key, out, err, as_json=as_json))


async def clear(
    url: str, *tags: str, pattern: str | None = None, mode: Mode = Mode.PURGE, given: Settings | None = None
) -> Told:
    return await told(
        lambda out, err: run_clear(given or settings(url), out, err, pattern=pattern, tags=tags, mode=mode)
    )


# Figures


@pytest.mark.integration
async def test_figures_are_those_of_all_processes_and_none_of_its_own(redis_url: str) -> None:
    one, other = cache_over(redis_url), cache_over(redis_url)
    for cache in (one, one, other):
        await asked(cache)
    for cache in (one, other):
        await SharedFigures(cache).tell()

    found = (await stats(redis_url, as_json=True)).json

    assert (found["status"], found["workers"], found["totalKeys"]) == ("UP", 2, 1)
    assert (found["hits"], found["misses"], found["loads"]) == (2, 1, 1)
    await one.close()
    await other.close()


@pytest.mark.integration
async def test_without_a_process_that_is_told_and_the_server_shown(redis_url: str) -> None:
    found = await stats(redis_url)

    assert found.code == DONE
    assert found.out.startswith("No process of Servery has told its counts")
    assert ["answers", "of", "ours", "0"] in found.lines


# Keys


@pytest.mark.integration
async def test_keys_are_listed_the_youngest_first(redis_url: str) -> None:
    cache = cache_over(redis_url)
    old = await asked(cache, 1)
    await asyncio.sleep(0.05)
    young = await asked(cache, 2)
    await cache.note("x", "no answer", 10_000)

    found = await keys(redis_url)

    assert [line[0] for line in found.lines] == ["key", young.name, old.name]
    assert found.lines[1][1] == "fresh"
    assert (found.code, found.err) == (DONE, "")
    await cache.close()


@pytest.mark.integration
async def test_keys_are_listed_by_pattern_and_up_to_a_limit(redis_url: str) -> None:
    cache = cache_over(redis_url)
    names = {(await asked(cache, number)).name for number in range(20)}
    some = {name for name in names if name.startswith("analytics:query:0")} or {min(names)}
    pattern = f"{next(iter(some))[:17]}*"

    by_pattern = await keys(redis_url, pattern, as_json=True)
    limited = await keys(redis_url, limit=3)

    assert {each["cacheKey"] for each in by_pattern.json} == {
        name for name in names if name.startswith(pattern[:-1])
    }
    assert len(limited.lines) == 1 + 3
    assert limited.err == "There are more than 3: --limit shows more, --pattern others.\n"
    await cache.close()


@pytest.mark.integration
async def test_as_many_as_the_limit_are_all(redis_url: str) -> None:
    cache = cache_over(redis_url)
    for number in range(3):
        await asked(cache, number)

    found = await keys(redis_url, limit=3)

    assert (len(found.lines), found.err) == (1 + 3, "")
    await cache.close()


# One entry


@pytest.mark.integration
async def test_an_entry_is_explained_by_its_name_or_its_digits(redis_url: str) -> None:
    cache = cache_over(redis_url)
    key = await asked(cache)
    await cache.invalidate(["table:sales"], Mode.EXPIRE)

    by_name = await explain(redis_url, key.name, as_json=True)
    by_digits = await explain(redis_url, key.name.rpartition(":")[2], as_json=True)

    for found in (by_name.json, by_digits.json):
        assert (found["cacheKey"], found["status"]) == (key.name, "INVALIDATED")
        assert (found["killedBy"], found["shownOnFailure"], found["rows"]) == (["table:sales"], True, 7)
    assert "table:sales" in (await explain(redis_url, key.name)).out
    await cache.close()


@pytest.mark.integration
async def test_an_answer_from_before_a_restart_is_told_to_be_from_another_server(redis_url: str) -> None:
    cache = cache_over(redis_url)
    key = await asked(cache)
    with Redis.from_url(redis_url) as client:
        body = client.get(key.name)
        assert isinstance(body, bytes)
        head, _, rest = body.partition(b'"server":"')
        client.set(key.name, head + b'"server":"' + b"0" * 16 + rest[16:], px=3_000_000)

    found = (await explain(redis_url, key.name, as_json=True)).json

    assert found["killedBy"] == ["another Redis server or a restart"]
    await cache.close()


@pytest.mark.integration
async def test_keys_of_other_applications_are_not_looked_at(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        client.set("session:1", "secret")

    for found in (await explain(redis_url, "session:1"), await keys(redis_url, "session:*")):
        assert (found.code, found.out) == (NOT_DONE, "")
        assert found.err.startswith("servery: INVALID_PATTERN: 'session:")
        assert "it must begin with 'analytics:'" in found.err


# Clearing


@pytest.mark.integration
async def test_a_clear_by_tags_outdates_what_depends_on_them(redis_url: str) -> None:
    cache = cache_over(redis_url)
    sales, others = await asked(cache, 1), await asked(cache, 2, tags=("table:stores",))

    found = await clear(redis_url, "table:sales")

    assert found.out == "Answers that depend on table:sales are shown no more.\n"
    assert (await explain(redis_url, sales.name, as_json=True)).json["killedBy"] == ["table:sales"]
    assert (await explain(redis_url, others.name, as_json=True)).json["status"] == "FRESH"
    await cache.close()


@pytest.mark.integration
async def test_a_clear_by_a_pattern_deletes_and_counts(redis_url: str) -> None:
    cache = cache_over(redis_url)
    one, other = await asked(cache, 1), await asked(cache, 2)

    by_name = await clear(redis_url, pattern=one.name)
    rest = await clear(redis_url)

    assert (by_name.out, rest.out) == ("1 answer deleted.\n", "1 answer deleted.\n")
    assert (await explain(redis_url, other.name, as_json=True)).json["status"] == "ABSENT"
    await cache.close()


@pytest.mark.integration
async def test_a_clear_may_leave_an_excuse_for_a_database_that_fails(redis_url: str) -> None:
    cache = cache_over(redis_url)
    key = await asked(cache)

    found = await clear(redis_url, mode=Mode.EXPIRE)
    entry = (await explain(redis_url, key.name, as_json=True)).json

    assert found.out.startswith("Answers from before now are shown no more, unless the database fails")
    assert (entry["killedBy"], entry["shownOnFailure"]) == (["a clear of everything"], True)
    await cache.close()


@pytest.mark.integration
async def test_a_clear_that_makes_no_sense_clears_nothing(redis_url: str) -> None:
    cache = cache_over(redis_url)
    key = await asked(cache)

    by_tag = await clear(redis_url, "table:sales", "table:sale")
    by_pattern = await clear(redis_url, pattern="*")

    assert (by_tag.code, by_pattern.code) == (NOT_DONE, NOT_DONE)
    assert "INVALID_TAG: 'table:sale' is no tag" in by_tag.err
    assert "INVALID_PATTERN: '*' reaches outside" in by_pattern.err
    assert (await explain(redis_url, key.name, as_json=True)).json["status"] == "FRESH"
    await cache.close()


@pytest.mark.integration
async def test_only_tags_need_the_model(redis_url: str) -> None:
    lost = settings(redis_url).model_copy(update={"model": HOUSE / "nowhere.yml"})

    assert (await clear(redis_url, given=lost)).code == DONE
    with pytest.raises(ModelInvalid):
        await clear(redis_url, "table:sales", given=lost)


# Without Redis, and as a process


async def test_without_redis_each_says_where_it_was_looked_for_and_no_password() -> None:
    port = free_port()
    url = f"redis://reader:hunter2@127.0.0.1:{port}/0"

    for found in (await stats(url), await keys(url), await explain(url, "0"), await clear(url)):
        assert (found.code, found.out) == (NOT_DONE, "")
        assert found.err.startswith(f"servery: Redis at 127.0.0.1:{port} cannot be asked: ")
        assert found.err.endswith("Its address is REDIS_URL.\n")
        assert found.err.count("\n") == 1
        assert "hunter2" not in found.err


def servery(*arguments: str, redis_url: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "servery", "cache", *arguments]
    given = {"PATH": "/usr/bin:/bin", "COLUMNS": "120", "REDIS_URL": redis_url}
    return subprocess.run(
        command, cwd=HOUSE, env=given, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.integration
async def test_the_command_line_reads_the_environment_and_its_options(redis_url: str) -> None:
    cache = cache_over(redis_url)
    key = await asked(cache)

    done = servery(
        "clear", "--model", str(RESTAURANT), "--tag", "table:sales", "--expire", redis_url=redis_url
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Answers that depend on table:sales are shown no more, unless the database")
    listed = servery("keys", "--limit", "1", "--json", redis_url=redis_url)
    assert f'"cacheKey": "{key.name}"' in listed.stdout
    assert '"table:sales"' in listed.stdout
    await cache.close()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("clear", "--pattern", "analytics:*", "--tag", "table:sales"), "one after the other"),
        (("keys", "--limit", "0"), "--limit"),
        (("explain",), "Missing argument"),
    ],
)
def test_a_mistake_in_the_command_line_is_told(arguments: tuple[str, ...], words: str) -> None:
    done = servery(*arguments, redis_url="redis://127.0.0.1:1")

    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_process_without_redis_ends_with_1_and_one_line() -> None:
    done = servery("stats", redis_url="redis://:hunter2@127.0.0.1:1")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("servery: Redis at 127.0.0.1:1 cannot be asked: ")
    assert "hunter2" not in done.stderr
    assert "Traceback" not in done.stderr
