"""What is asked is counted by text and viewer, fades, and takes bounded memory."""

from collections.abc import Callable
from datetime import date

import pytest

from model.dates import CompareTo, Current, Days, Last
from model.grain import Grain
from model.viewer import ANONYMOUS, Viewer
from resolvers.question import Question
from resolvers.traffic import HALF_LIFE_S, LONGEST, MOST_KEYS, MOST_TEXTS, Asked, Traffic
from tests.cache.fakes import Clock

QUESTION = Question(("faturamento",))
WEEK = Question(("faturamento",), date_range=Last(7, Grain.DAY))
ACME = Viewer("ana", "acme")


class Street:
    """Traffic, and a pen that knows how often it had to write."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.traffic = Traffic(clock=self.clock)
        self.written = 0

    def ask(
        self,
        text: str | None,
        *,
        key: str | None = None,
        cost: float = 10,
        question: Question = QUESTION,
        viewer: Viewer = ANONYMOUS,
    ) -> None:
        self.traffic.note(key or f"key of {text}", question, cost, viewer, self._write(text))

    def _write(self, text: str | None) -> Callable[[], str | None]:
        def write() -> str | None:
            self.written += 1
            return text

        return write

    def top(self, most: int = 10) -> list[tuple[str, float, float]]:
        return [(each.asked.text, each.count, each.cost_ms) for each in self.traffic.top(most)]


def test_questions_are_counted_and_their_costs_added_up_the_dearest_first() -> None:
    street = Street()
    for text, cost in (("cheap", 1), ("dear", 100), ("cheap", 2), ("often", 60), ("often", 60)):
        street.ask(text, cost=cost)

    assert street.top() == [("often", 2, 120), ("dear", 1, 100), ("cheap", 2, 3)]
    assert [text for text, _, _ in street.top(1)] == ["often"]


def test_the_text_of_a_question_is_written_once() -> None:
    street = Street()
    for _ in range(3):
        street.ask("a")

    assert street.written == 1


def test_a_relative_question_is_one_question_although_its_key_is_another_each_day() -> None:
    street = Street()
    for day in (1, 2):
        street.ask("last week", key=f"key of day {day}", question=WEEK)

    assert street.top() == [("last week", 2, 20)]


@pytest.mark.parametrize(
    "other",
    [
        Question(("faturamento",), date_range=Days(date(2026, 1, 5), date(2026, 1, 11))),
        Question(("faturamento",), date_range=Last(1, Grain.WEEK)),
        Question(("faturamento",), date_range=Current(Grain.WEEK, -1)),
        Question(("faturamento",), date_range=Last(7, Grain.DAY), compare=CompareTo.PREVIOUS_PERIOD),
    ],
    ids=["days", "week", "current", "compared"],
)
def test_questions_that_have_one_key_only_today_are_told_apart(other: Question) -> None:
    street = Street()
    street.ask("last seven days", key="today's", question=WEEK)
    street.ask("other", key="today's", question=other)

    assert {text for text, _, _ in street.top()} == {"last seven days", "other"}


def test_viewers_whose_answers_differ_are_told_apart() -> None:
    street = Street()
    street.ask("a", key="key of acme", viewer=ACME)
    street.ask("a", key="key of nobody")

    assert {each.asked for each in street.traffic.top(10)} == {Asked("a", ACME), Asked("a", ANONYMOUS)}


def test_what_was_asked_an_hour_ago_counts_half() -> None:
    street = Street()
    street.ask("old", cost=100)
    street.clock.turn(HALF_LIFE_S)
    street.ask("new", cost=60)

    assert street.top() == [("new", 1, 60), ("old", 0.5, 50)]


def test_a_process_that_runs_for_months_goes_on_counting() -> None:
    street = Street()
    street.ask("a year ago", cost=1e9)
    for month in range(12):
        street.clock.turn(30 * 24 * HALF_LIFE_S)
        street.ask(f"month {month}")
    street.ask("month 11")

    (first, *_) = street.top()
    assert first == ("month 11", 2, 20)


def test_the_least_asked_are_dropped_and_the_others_are_still_counted() -> None:
    street = Street()
    for number in range(MOST_TEXTS // 2):
        for _ in range(2):
            street.ask(f"often {number}", cost=1000)
    for number in range(2 * MOST_TEXTS):
        street.ask(f"once {number}")
    street.ask("often 0", cost=1000)

    counts = {text: count for text, count, _ in street.top(10 * MOST_TEXTS)}
    assert len(counts) <= MOST_TEXTS
    assert counts["often 0"] == 3
    assert sum(text.startswith("often") for text in counts) == MOST_TEXTS // 2


def test_a_question_that_was_dropped_is_counted_anew_when_it_comes_back() -> None:
    street = Street()
    for number in range(2 * MOST_TEXTS):
        street.ask(f"once {number}")
    for _ in range(3):
        street.ask("once 0")

    assert ("once 0", 3, 30) in street.top()


def test_keys_take_bounded_memory_and_a_forgotten_key_finds_its_question_again() -> None:
    street = Street()
    for number in range(3 * MOST_KEYS):
        street.ask("a", key=f"key {number}")
    street.ask("a", key="key 0")

    assert len(street.traffic._known) <= MOST_KEYS
    assert street.top() == [("a", 3 * MOST_KEYS + 1, 10 * (3 * MOST_KEYS + 1))]


@pytest.mark.parametrize(
    ("text", "viewer"),
    [
        (None, ANONYMOUS),
        ("", ANONYMOUS),
        ("é" * (LONGEST // 2 + 1), ANONYMOUS),
        ("a", Viewer("ana", "x" * LONGEST)),
        ("half a pair: \ud800", ANONYMOUS),
    ],
    ids=["untold", "empty", "long", "long viewer", "no text"],
)
def test_a_question_that_cannot_be_told_is_left_out_and_not_written_again(
    text: str | None, viewer: Viewer
) -> None:
    street = Street()
    for _ in range(2):
        street.ask(text, key="key", viewer=viewer)

    assert street.top() == []
    assert street.written == 1


def test_the_longest_text_is_kept() -> None:
    street = Street()
    street.ask("é" * ((LONGEST - len(ANONYMOUS.subject)) // 2))

    assert len(street.top()) == 1
