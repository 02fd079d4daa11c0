import pytest

from db.errors import (
    BadValue,
    Conflict,
    ConnectionLost,
    DatabaseError,
    Misconfigured,
    Overloaded,
    QueryTimeout,
    Refused,
    Unavailable,
    error_of,
)

SECRETS = ("salaries", "db.internal", "hunter2")


@pytest.mark.parametrize(
    ("sqlstate", "kind"),
    [
        ("57014", QueryTimeout),
        ("25P04", QueryTimeout),
        ("53300", Overloaded),
        ("53200", Overloaded),
        ("55P03", Overloaded),
        ("40001", Conflict),
        ("40P01", Conflict),
        ("08006", Unavailable),
        ("08003", Unavailable),
        ("57P01", Unavailable),
        ("57P02", Unavailable),
        ("57P03", Unavailable),
        ("25P03", ConnectionLost),
        ("28P01", Misconfigured),
        ("3D000", Misconfigured),
        ("22003", BadValue),
        ("22012", BadValue),
        ("22P02", BadValue),
        ("25006", Refused),
        ("42501", Refused),
        ("42601", Refused),
        ("42P01", Refused),
        ("54001", Refused),
        ("0A000", Refused),
        ("XX000", DatabaseError),
        ("ZZ999", DatabaseError),
    ],
)
def test_every_sqlstate_becomes_its_member_of_the_family(sqlstate: str, kind: type[DatabaseError]) -> None:
    error = error_of(sqlstate, "why", timeout_ms=500)

    assert type(error) is kind
    assert error.sqlstate == sqlstate
    assert error.detail == "why"


@pytest.mark.parametrize("sqlstate", ["57014", "53300", "08006", "28P01", "22012", "42P01", "XX000", "40001"])
def test_what_people_read_is_a_sentence_without_the_databases_words(sqlstate: str) -> None:
    sentence = str(error_of(sqlstate, " ".join(SECRETS), timeout_ms=500))

    assert sentence.endswith(".")
    assert not any(word in sentence for word in (*SECRETS, sqlstate))


def test_a_timeout_names_its_limit() -> None:
    error = error_of("57014", "", timeout_ms=1500)

    assert isinstance(error, QueryTimeout)
    assert error.timeout_ms == 1500
    assert "1500 ms" in str(error)


def test_an_overload_says_when_to_come_back() -> None:
    error = Overloaded(250)

    assert error.retry_after_ms == 250
    assert "250 ms" in str(error)
