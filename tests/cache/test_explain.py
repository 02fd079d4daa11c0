"""Why an answer is a hit, or is none."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from cache import Loaded, Mode, StoreDown
from cache.entry import Entry
from cache.explain import Contents, State, Tagged
from cache.store import Look
from tests.cache.fakes import FakeStore, key
from tests.cache.room import THREE_STAGES, Room

pytestmark = pytest.mark.anyio

NAME = key().name


async def filled(room: Room | None = None) -> Room:
    """With an answer that is fresh for 100 s, stale until 200 s and gone after 300 s."""
    room = room or Room()
    room.database.body = b"[1]" * 1_000
    await room.answer(lifetime=THREE_STAGES)
    return room


async def contents(room: Room) -> Contents:
    found = (await room.cache.explain(NAME)).contents
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("age_s", "state", "left_s"),
    [
        (0, State.FRESH, (100, 200, 300)),
        (40, State.FRESH, (60, 160, 260)),
        (100, State.STALE, (0, 100, 200)),
        (250, State.EXPIRED, (0, 0, 50)),
    ],
)
async def test_an_entry_tells_how_old_it_is_and_what_time_is_left(
    age_s: int, state: State, left_s: tuple[int, int, int]
) -> None:
    room = await filled()

    room.clock.turn(age_s)
    found = await contents(room)

    assert (await room.cache.explain(NAME)).state is state
    assert found.age_ms == age_s * 1000
    assert (found.soft_left_ms, found.stale_left_ms, found.hard_left_ms) == tuple(s * 1000 for s in left_s)
    assert found.killed_by == ()
    assert found.excuse


async def test_an_entry_tells_what_it_holds_and_costs() -> None:
    room = Room()

    async def quarter_second() -> Loaded:
        room.clock.turn(0.25)
        return Loaded(b"[1]" * 1_000, 7)

    await room.answer(load=quarter_second)
    told = await room.cache.explain(NAME)
    found = await contents(room)

    assert (found.raw_bytes, found.rows, found.cost_ms) == (3_000, 7, 250)
    assert found.created_ms == 1_750_000_000_000
    assert told.stored_bytes == len(room.store.kept[NAME][0]) < 3_000


async def test_an_answer_that_is_not_there_is_absent() -> None:
    told = await Room().cache.explain(NAME)

    assert (told.state, told.exists, told.contents, told.stored_bytes) == (State.ABSENT, False, None, None)


@pytest.mark.parametrize("mode", Mode)
async def test_the_tag_that_killed_it_is_named(mode: Mode) -> None:
    room = await filled()

    await room.cache.invalidate(["channel:2"], mode)
    found = await contents(room)

    assert (await room.cache.explain(NAME)).state is State.INVALIDATED
    assert found.killed_by == ("channel:2",)
    assert found.tags[:2] == (Tagged("channel:2", current=False), Tagged("table:sales", current=True))
    assert found.excuse is (mode is Mode.EXPIRE)


async def test_other_tags_kill_nothing() -> None:
    room = await filled()

    await room.cache.invalidate(["channel:3"], Mode.PURGE)

    assert (await room.cache.explain(NAME)).state is State.FRESH


async def test_what_every_answer_depends_on_comes_last_and_has_a_name_for_people() -> None:
    room = await filled()

    tags = [each.tag for each in (await contents(room)).tags]

    assert tags == ["channel:2", "table:sales", "everything", "this answer", "the Redis server"]


async def test_another_server_and_a_clear_are_told_in_words() -> None:
    room = await filled()

    room.store.server = "server 2"
    await room.cache.clear("analytics:*", Mode.EXPIRE)
    await room.store.invalidate([f"__key:{NAME.rpartition(':')[2][:3]}"], Mode.EXPIRE)

    assert (await contents(room)).killed_by == (
        "a clear of everything",
        "a deletion of this answer, or a clear of a few names",
        "another Redis server or a restart",
    )


@pytest.mark.parametrize("damage", [b"", b"{}\n", b"not JSON\nbody", b'{"sha256": 1, "scope": []}\n[]'])
async def test_what_is_no_entry_is_unreadable(damage: bytes) -> None:
    room = await filled()
    until = room.store.kept[NAME][1]

    room.store.kept[NAME] = (damage, until)
    told = await room.cache.explain(NAME)

    assert (told.state, told.exists, told.contents) == (State.UNREADABLE, True, None)
    assert told.stored_bytes == len(damage)


async def test_an_entry_whose_body_is_cut_off_is_unreadable() -> None:
    room = await filled()
    body, until = room.store.kept[NAME]

    room.store.kept[NAME] = (body[:-1], until)

    assert (await room.cache.explain(NAME)).state is State.UNREADABLE


async def test_an_entry_of_another_tenant_is_explained_as_well() -> None:
    room = Room()
    south = key(tenant="south")
    await room.cache.get_or_load(south, room.database.load, lifetime=THREE_STAGES)

    assert (await room.cache.explain(south.name)).state is State.FRESH


async def test_whether_it_lies_in_memory_is_told_beside() -> None:
    room = await filled(Room(tracks=True))
    other = Room(store=room.store)

    assert (await room.cache.explain(NAME)).in_memory
    assert not (await other.cache.explain(NAME)).in_memory


async def test_what_lies_in_memory_alone_is_absent_and_in_memory() -> None:
    room = await filled(Room(tracks=True, cheap_ms=10))

    told = await room.cache.explain(NAME)

    assert (told.state, told.in_memory) == (State.ABSENT, True)


async def test_asking_does_not_count_as_a_use() -> None:
    room = Room(tracks=True, memory_bytes=4 * 7_000)
    room.database.body = b"x" * 3_500
    for number in range(1, 5):
        await room.answer(number)

    await room.cache.explain(key(1).name)
    await room.answer(5)

    assert not (await room.cache.explain(key(1).name)).in_memory
    assert (await room.cache.explain(key(2).name)).in_memory


async def test_an_entry_that_is_replaced_meanwhile_is_judged_by_its_own_tags() -> None:
    room = Room(store=Swapping())
    await filled(room)

    found = await contents(room)

    assert Tagged("late:1", current=True) in found.tags
    assert found.killed_by == ()


class Swapping(FakeStore):
    """Between the first look at an entry and the second, another one takes its place."""

    async def look(self, name: str, tags: Sequence[str]) -> Look:
        look = await super().look(name, tags)
        if not tags and name in self.kept:
            body, until = self.kept[name]
            entry = Entry.decode(body, key())
            assert entry is not None
            self.tokens["late:1"] = "its token"
            stamps = {**entry.stamps, "late:1": "its token"}
            self.kept[name] = (replace(entry, stamps=stamps).encode(), until)
        return look


async def test_a_store_that_is_down_is_told() -> None:
    room = await filled()
    room.store.down = True

    with pytest.raises(StoreDown):
        await room.cache.explain(NAME)
