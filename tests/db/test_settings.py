from dataclasses import replace
from typing import Any

import pytest

from db.settings import PoolSettings, place_of


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql://ana:secret@db.example:6543/shop", "db.example:6543/shop"),
        ("postgresql://ana:secret@db.example/shop?sslmode=require", "db.example:5432/shop"),
        ("postgresql://ana@localhost", "localhost:5432/ana"),
        ("postgresql:///shop?host=/run/postgresql", "/run/postgresql:5432/shop"),
    ],
)
def test_a_place_names_host_port_and_database(url: str, place: str) -> None:
    assert place_of(url) == place


@pytest.mark.parametrize("mark", ["/", "#", "?", "@", ":", "[", "%", "1/", "1#", "1?", ""])
def test_no_part_of_a_password_is_ever_in_a_place(mark: str) -> None:
    place = place_of(f"postgresql://ana:12{mark}hunter@db.example/shop")

    assert "hunter" not in place
    assert "12" not in place


def test_settings_keep_the_url_out_of_their_repr() -> None:
    assert "secret" not in repr(PoolSettings("postgresql://ana:secret@localhost/shop"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_size": 0},
        {"min_size": 3, "max_size": 2},
        {"min_size": -1},
        {"statement_timeout_ms": 0},
        {"acquire_timeout_ms": 0},
    ],
)
def test_settings_that_let_nothing_through_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"max_size|must be 1 or more"):
        replace(PoolSettings("postgresql://localhost/shop"), **wrong)


def test_sessions_start_read_only_and_with_a_limit() -> None:
    settings = PoolSettings("postgresql://localhost/shop", statement_timeout_ms=1234).server_settings()

    assert settings["default_transaction_read_only"] == "on"
    assert settings["statement_timeout"] == "1234"
    assert settings["timezone"] == "UTC"
