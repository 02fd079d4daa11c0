import pytest

from db.snapshot import Snapshot
from servery.events.bookmark import OLDEST_S, Bookmark

MARK = Bookmark("7/16384/00000001/a", Snapshot(10, 20, (10, 14)), 1_000_000.5)


def test_a_bookmark_is_read_as_it_was_written() -> None:
    assert Bookmark.read(MARK.text) == MARK


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '"text"',
        "[1, 2]",
        "[1, 2, 3, 4]",
        '["server", "1:2", 3]',
        '["server", null, 3]',
        '["server", "1:2:", "soon"]',
        "not json",
    ],
)
def test_anything_else_is_no_bookmark(text: str) -> None:
    assert Bookmark.read(text) is None


def test_it_goes_on_at_the_same_server() -> None:
    assert MARK.strange(MARK.server) == ""
    assert MARK.gap(Snapshot(20, 25), MARK.at + OLDEST_S) == ""


def test_another_server_is_a_gap() -> None:
    assert "another database" in MARK.strange("8/16384/00000001/a")


def test_a_server_that_does_not_say_who_it_is_proves_nothing() -> None:
    nameless = Bookmark("", MARK.snapshot, MARK.at)

    assert "cannot prove" in MARK.strange("")
    assert "cannot prove" in nameless.strange("")


def test_what_is_older_than_rows_are_kept_is_a_gap() -> None:
    assert "50 minutes ago" in MARK.gap(Snapshot(20, 25), MARK.at + OLDEST_S + 0.1)


def test_a_server_that_is_behind_is_a_gap() -> None:
    assert MARK.gap(Snapshot(10, 20), MARK.at) == ""
    assert "back in time" in MARK.gap(Snapshot(10, 19), MARK.at)


def test_a_clock_that_is_put_back_is_none() -> None:
    assert MARK.gap(Snapshot(20, 25), MARK.at - 7200) == ""
