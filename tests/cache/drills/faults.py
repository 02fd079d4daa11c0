"""What can happen to a Redis: how it is brought about, and how it ends."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.cache.drills.scene import Deed, Scene
from tests.cache.drills.users import LEASE, NOISE
from tests.cache.fakes import PREFIX
from tests.cache.mistreat import corrupted, cut_in_the_middle, cut_now_and_then, flipped

NOWHERE: Final = ("127.0.0.1", "1")
_FILLING: Final = 220
_FILLER: Final = b"x" * 1100


async def nothing(scene: Scene) -> None:
    """It has happened, and is over."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`proxied` faults lie between the users and the server: others still reach it."""

    name: str
    harm: Deed
    mend: Deed = nothing
    proxied: bool = False
    started: bool = True


async def kill(scene: Scene) -> None:
    await scene.kill()


async def start(scene: Scene) -> None:
    await scene.start()


async def freeze(scene: Scene) -> None:
    scene.server.freeze()


async def thaw(scene: Scene) -> None:
    scene.server.thaw()


async def slow_down(scene: Scene) -> None:
    scene.proxy.delay_s = 2.0


async def speed_up(scene: Scene) -> None:
    scene.proxy.delay_s = 0.0


async def restart(scene: Scene) -> None:
    await scene.kill()
    await scene.start()


async def restart_from_old_snapshot(scene: Scene) -> None:
    """Answers and tokens from before an invalidation that had returned."""
    await scene.admin.save()
    assert await scene.order(scene.other)
    await asyncio.sleep(LEASE + NOISE)  # now all are held to it
    await restart(scene)


async def load_slowly(scene: Scene) -> None:
    """Two seconds and more, in which it answers LOADING."""
    for number in range(_FILLING):
        await scene.admin.set(f"filler:{number}", _FILLER)
    await scene.admin.save()
    await scene.kill()
    scene.server.settings.update({"key-load-delay": "10000", "loading-process-events-interval-bytes": "1024"})
    await scene.start(answers=b"-LOADING")


async def until_loaded(scene: Scene) -> None:
    await asyncio.to_thread(scene.server.until_it_answers)


async def flush(scene: Scene) -> None:
    await scene.admin.flushall()


async def fill_up(scene: Scene) -> None:
    await scene.admin.config_set("maxmemory", "1")


async def fill_up_and_evict(scene: Scene) -> None:
    await scene.admin.config_set("maxmemory-policy", "allkeys-lfu")
    await scene.admin.config_set("maxmemory", "1")


async def make_room(scene: Scene) -> None:
    await scene.admin.config_set("maxmemory", "0")


async def make_replica(scene: Scene) -> None:
    await scene.admin.execute_command("REPLICAOF", *NOWHERE)


async def make_primary(scene: Scene) -> None:
    await scene.admin.execute_command("REPLICAOF", "NO", "ONE")


async def damage_answers(scene: Scene) -> None:
    async def damage() -> None:
        for name in await scene.admin.keys(f"{PREFIX}:query:*"):
            held = await scene.admin.get(name)
            if held:
                await scene.admin.set(name, _damaged(scene, held), keepttl=True)

    scene.again_and_again(damage)


def _damaged(scene: Scene, held: bytes) -> bytes:
    chance = scene.chance
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: held[: chance.randrange(len(held))],
        lambda: flipped(held, chance),
        lambda: held[:-1] + flipped(held[-1:], chance),
        lambda: chance.randbytes(200),
        lambda: b"",
        lambda: held + held,
    )
    return chance.choice(ways)()


async def damage_tokens(scene: Scene) -> None:
    async def damage() -> None:
        for name in await scene.admin.keys(f"{PREFIX}:gen:*"):
            await scene.admin.set(name, scene.chance.choice((b"", b"\xff\xfe", scene.chance.randbytes(30))))

    scene.again_and_again(damage)


async def change_types(scene: Scene) -> None:
    """Under every name that we use: of answers, tokens, locks and notes."""
    await scene.admin.rpush(f"{PREFIX}:note:topic", "a list")

    async def change() -> None:
        for name in await scene.admin.keys(f"{PREFIX}:*"):
            await scene.admin.delete(name)
            await scene.admin.rpush(name, "a list")

    scene.again_and_again(change)


async def be_at_peace(scene: Scene) -> None:
    await scene.peace()
    await scene.admin.flushall()


async def cut_replies(scene: Scene) -> None:
    scene.proxy.spoil = cut_in_the_middle


async def cut_some_replies(scene: Scene) -> None:
    scene.proxy.spoil = cut_now_and_then(scene.chance)


async def corrupt_replies(scene: Scene) -> None:
    scene.proxy.spoil = corrupted(scene.chance)


async def pass_on(scene: Scene) -> None:
    scene.proxy.spoil = None


async def stall_tracking(scene: Scene) -> None:
    for link in scene.proxy.listening():
        link.flowing.clear()


async def cut_tracking(scene: Scene) -> None:
    async def cut() -> None:
        for link in scene.proxy.listening():
            link.cut()

    scene.again_and_again(cut)


async def stall_connections(scene: Scene) -> None:
    scene.proxy.strand()


async def stall_for_good(scene: Scene) -> None:
    scene.proxy.freeze()


async def stall_data(scene: Scene) -> None:
    scene.proxy.stalls_data = True


async def resume(scene: Scene) -> None:
    await scene.peace()
    scene.proxy.stalls_data = False
    scene.proxy.resume()


FAULTS: Final = (
    Fault("refused at the start", nothing, start, started=False),
    Fault("dead (SIGKILL)", kill, start),
    Fault("frozen (SIGSTOP)", freeze, thaw),
    Fault("slow by 2 s", slow_down, speed_up, proxied=True),
    Fault("restarted empty", restart),
    Fault("restarted from an old snapshot", restart_from_old_snapshot),
    Fault("LOADING", load_slowly, until_loaded),
    Fault("FLUSHALL", flush),
    Fault("full, noeviction (OOM)", fill_up, make_room),
    Fault("full, evicts everything at once", fill_up_and_evict, make_room),
    Fault("read-only replica", make_replica, make_primary),
    Fault("answers damaged, again and again", damage_answers, be_at_peace),
    Fault("tokens damaged, again and again", damage_tokens, be_at_peace),
    Fault("wrong types under all our keys, again and again", change_types, be_at_peace),
    Fault("every reply cut in the middle", cut_replies, pass_on, proxied=True),
    Fault("some replies cut in the middle", cut_some_replies, pass_on, proxied=True),
    Fault("some replies corrupted", corrupt_replies, pass_on, proxied=True),
    Fault("all connections but the tracking one stall silently", stall_data, resume, proxied=True),
    Fault("tracking connection stalls silently", stall_tracking, resume, proxied=True),
    Fault("tracking connection killed, again and again", cut_tracking, resume, proxied=True),
    Fault("all connections of now stall silently", stall_connections, resume, proxied=True),
    Fault("cut off silently, others are not", stall_for_good, resume, proxied=True),
)
