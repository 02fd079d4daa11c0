"""What is known of the tokens without asking, because a real server tells of changes."""

import pytest
import redis
from redis.asyncio import Redis

from tests.cache.fakes import PREFIX, until
from tests.cache.scene import Scene
from tests.cache.servers import RunningRedis

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


async def test_nothing_connects_before_its_first_use(scene: Scene, admin: Redis) -> None:
    assert scene.tracker.server is None
    assert scene.tracker.known(("a",)) is None
    assert len(await admin.client_list()) == 1


async def test_a_change_by_anybody_is_heard_of(scene: Scene, admin: Redis) -> None:
    await scene.knows("a", "b")

    await admin.set(f"{PREFIX}:gen:a", "2")
    await until(lambda: scene.tracker.last_known(("a",)) is None)

    assert scene.tracker.last_known(("b",)) == {"b": "1"}


@pytest.mark.parametrize("change", ["delete", "expire", "rename", "rpush"])
async def test_every_kind_of_change_is_heard_of(scene: Scene, admin: Redis, change: str) -> None:
    name = f"{PREFIX}:gen:a"
    await admin.set(name, "1")
    await scene.knows("b")
    # Its own creation may not be heard of yet.
    await admin.set(f"{PREFIX}:gen:b", "2")
    await until(lambda: scene.tracker.last_known(("b",)) is None)
    await scene.knows("a")

    match change:
        case "delete":
            await admin.unlink(name)
        case "expire":
            await admin.pexpire(name, 1)
        case "rename":
            await admin.rename(name, "elsewhere")
        case "rpush":
            await admin.eval("redis.call('del', KEYS[1]) redis.call('rpush', KEYS[1], 'x')", 1, name)

    await until(lambda: scene.tracker.last_known(("a",)) is None)


async def test_changes_of_others_are_not_heard_of(scene: Scene, admin: Redis) -> None:
    await scene.knows("a")

    for name in (f"{PREFIX}:query:a", "other:gen:a", "a", f"{PREFIX}:generation"):
        await admin.set(name, "2")
    await admin.set(f"{PREFIX}:gen:last", "2")
    await scene.knows("last")
    await admin.set(f"{PREFIX}:gen:last", "3")
    await until(lambda: scene.tracker.last_known(("last",)) is None)

    assert scene.tracker.last_known(("a",)) == {"a": "1"}


@pytest.mark.parametrize("flush", ["flushall", "flushdb"])
async def test_a_flush_forgets_everything(scene: Scene, admin: Redis, flush: str) -> None:
    await scene.knows("a", "b")
    asked = scene.tracker.mark()

    await (admin.flushall() if flush == "flushall" else admin.flushdb())
    await until(lambda: scene.tracker.tokens() == {})
    scene.tracker.learn({"a": "1"}, asked)

    assert scene.tracker.known(("a",)) is None


async def test_thousands_of_changes_that_wait_at_once_are_heard_of(
    scene: Scene, server: RunningRedis
) -> None:
    await scene.knows("a")

    with redis.Redis.from_url(server.url, protocol=2) as blocking:
        for number in range(5000):
            blocking.set(f"{PREFIX}:gen:{number % 7}", number)
        blocking.set(f"{PREFIX}:gen:a", "2")
    await until(lambda: scene.tracker.last_known(("a",)) is None)
    await scene.until_vouched()

    assert scene.tracker.last_server
    await scene.knows("b")


async def test_a_change_of_thousands_of_names_at_once_is_heard_of(scene: Scene, admin: Redis) -> None:
    await scene.knows("a", *map(str, range(5000)))

    await admin.mset({f"{PREFIX}:gen:{number}": b"2" for number in range(5000)})
    names = [str(number) for number in range(5000)]
    await until(lambda: not any(scene.tracker.last_known((name,)) for name in names))

    assert scene.tracker.last_known(("a",)) == {"a": "1"}


async def test_what_was_changed_is_trusted_no_more_as_soon_as_the_change_is_done(
    scene: Scene, server: RunningRedis
) -> None:
    await scene.knows("a", "b")
    with redis.Redis.from_url(server.url) as another:
        # No turn of the loop passes: the server's word lies there, and nobody has read it.
        another.set(f"{PREFIX}:gen:a", "2")

    mark = scene.tracker.mark()
    assert scene.tracker.known(("a",)) is None
    assert scene.tracker.mark() > mark
    assert scene.tracker.known(("b",)) == {"b": "1"}
    assert "a" not in scene.tracker.tokens()
    await scene.knows("a")


async def test_what_is_too_much_for_a_glance_is_waited_for(scene: Scene, server: RunningRedis) -> None:
    await scene.knows("a")
    with redis.Redis.from_url(server.url) as another:
        another.mset({f"{PREFIX}:gen:{number}": b"2" for number in range(5_000)})

    assert scene.tracker.known(("a",)) is None
    await until(lambda: scene.tracker.known(("a",)) == {"a": "1"})
