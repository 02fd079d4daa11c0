from cache import Breaker
from tests.cache.fakes import Clock


def opened_breaker(clock: Clock) -> Breaker:
    breaker = Breaker(failures=5, pause=1.0, clock=clock)
    for _ in range(5):
        breaker.failed()
    return breaker


def test_it_opens_after_five_failures_in_a_row() -> None:
    breaker = Breaker(failures=5, clock=Clock())

    told = [breaker.failed() for _ in range(6)]

    assert told == [False, False, False, False, True, False]
    assert not breaker.permits()


def test_a_success_in_between_starts_the_count_again() -> None:
    breaker = Breaker(failures=5, clock=Clock())
    for _ in range(4):
        breaker.failed()

    breaker.succeeded()
    breaker.failed()

    assert breaker.permits()


def test_it_lets_one_probe_through_after_each_pause() -> None:
    clock = Clock()
    breaker = opened_breaker(clock)

    clock.turn(0.99)
    early = breaker.permits()
    clock.turn(0.02)
    due = [breaker.permits() for _ in range(3)]

    assert not early
    assert due == [True, False, False]


def test_a_probe_that_never_reports_does_not_hold_it_open_for_good() -> None:
    clock = Clock()
    breaker = opened_breaker(clock)
    clock.turn(1.01)
    breaker.permits()

    clock.turn(1.01)

    assert breaker.permits()


def test_a_successful_probe_closes_it() -> None:
    clock = Clock()
    breaker = opened_breaker(clock)
    clock.turn(1.01)
    breaker.permits()

    assert breaker.succeeded()
    assert breaker.permits()
    assert breaker.permits()
    assert not breaker.succeeded()


def test_late_failures_do_not_put_off_the_probe() -> None:
    clock = Clock()
    breaker = opened_breaker(clock)
    clock.turn(0.9)

    breaker.failed()
    clock.turn(0.2)

    assert breaker.permits()
