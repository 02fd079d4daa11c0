"""Garbage is searched for seldom, bounded in time, and not in the middle of large answers."""

import asyncio
import gc
import platform
from weakref import ref

import psutil
import pytest

from servery.tidying import LONGEST_WAIT_S, SHARE, WORK_S, Tidying, give_back


class Hand:
    """What a search takes, what others take meanwhile, what was worked before; and the time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.used = 0.0
        self.takes = 0.01
        self.beside = 0.0
        self.works = WORK_S
        self.busy = False
        self.searches = 0
        self.returns = 0
        self.tidying = Tidying(
            collect=self._collect,
            give_back=self._give_back,
            busy=lambda: self.busy,
            clock=lambda: self.now,
            used=lambda: self.used,
        )

    def _collect(self) -> None:
        self.searches += 1
        self.used += self.takes
        self.now += self.takes + self.beside

    def _give_back(self) -> None:
        self.returns += 1

    def after(self, seconds: float) -> int:
        """How often it was searched by then."""
        self.now += seconds
        self.used += self.works
        self.tidying.tidy()
        return self.searches


def test_it_takes_no_more_than_its_share_of_the_time() -> None:
    hand = Hand()
    assert hand.after(1) == 1

    assert hand.after(hand.takes / SHARE - 0.1) == 1
    assert hand.after(0.2) == 2


def test_what_others_had_of_the_processor_meanwhile_does_not_count() -> None:
    hand = Hand()
    hand.beside = 0.5
    assert hand.after(1) == 1

    assert hand.after(hand.takes / SHARE + 0.1) == 2


def test_where_nothing_has_changed_nothing_is_searched() -> None:
    hand = Hand()
    hand.works = 0

    assert hand.after(60) == 0


def test_a_little_work_each_time_is_enough_in_the_end() -> None:
    hand = Hand()
    hand.works = WORK_S / 3.9

    assert [hand.after(60) for _ in range(9)] == [0, 0, 0, 1, 1, 1, 1, 2, 2]


def test_large_answers_are_waited_for_but_not_for_ever() -> None:
    hand = Hand()
    hand.busy = True
    assert hand.after(LONGEST_WAIT_S - 1) == 0
    assert hand.after(2) == 1

    hand.busy = False
    assert hand.after(2) == 2


def test_a_search_that_was_put_off_is_not_forgotten() -> None:
    hand = Hand()
    hand.busy = True
    assert hand.after(1) == 0

    hand.busy, hand.works = False, 0
    assert hand.after(1) == 1


def test_what_is_free_goes_back_while_a_search_has_to_wait() -> None:
    hand = Hand()
    hand.after(1)

    assert hand.after(0.1) == 1
    assert hand.returns == 2


def test_where_nothing_has_happened_nothing_goes_back() -> None:
    hand = Hand()
    hand.works = 0
    hand.after(60)

    assert hand.returns == 0


def test_cycles_are_gone_after_a_search() -> None:
    class Knot:
        def __init__(self) -> None:
            self.itself = self

    found = ref(Knot())
    Tidying(busy=lambda: False, used=iter((0.0, WORK_S, WORK_S, WORK_S)).__next__).tidy()

    assert found() is None


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="others give memory back by themselves")
def test_holes_between_what_stays_go_back_to_the_system() -> None:
    process = psutil.Process()
    pieces = [b"x" * (20_000 + number) for number in range(3_000)]
    stays = pieces[::10]
    pieces.clear()
    held = process.memory_info().rss

    give_back()

    assert len(stays) == 300
    assert process.memory_info().rss < held - 30_000_000


@pytest.mark.anyio
async def test_it_goes_on_until_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servery.tidying.EVERY_S", 0.001)
    hand = Hand()
    hand.takes = 0
    hand.now = 1
    hand.tidying.start()
    async with asyncio.timeout(5):
        while hand.searches < 2:
            hand.used += WORK_S
            await asyncio.sleep(0.001)

    await hand.tidying.close()
    done = hand.searches
    hand.used += WORK_S
    await asyncio.sleep(0.01)

    assert hand.searches == done
    assert gc.isenabled()
