"""Settings: every one documented, every wrong one named, no secret shown."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from servery.derived import pool_settings
from servery.settings import (
    Settings,
    SettingsInvalid,
    settings_from_environment,
    unknown_settings,
    variable_of,
)
from tests.fakes import HOUSE

ROW = re.compile(r"^\| `(?P<name>\w+)` \| (?P<default>.+?) \| (?P<meaning>.+) \|$", re.MULTILINE)
SECRET = "hunter2"

WRONG = {
    "SERVERY_PORT": "http",
    "SERVERY_POOL_MAX_SIZE": "0",
    "SERVERY_POOL_MIN_SIZE": "-1",
    "SERVERY_REDIS_BUDGET_MS": "1.5",
    "SERVERY_MAX_BODY_BYTES": "12",
    "SERVERY_LOG_LEVEL": "loud",
    "SERVERY_LOG_FORMAT": "xml",
    "SERVERY_CACHE_PREFIX": "two words",
    "SERVERY_START_TIMEOUT_S": "soon",
    "SERVERY_MAX_BATCH": "0",
    "SERVERY_HTTP_MAX_AGE_S": "-1",
    "SERVERY_TRUSTED_DOCUMENTS": "nowhere.json",
    "SERVERY_TRUSTED_ONLY": "perhaps",
    "CACHE_TTL": "0",
    "REDIS_URL": f"cache:6379/{SECRET}",
}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is the input here, so each test writes it whole."""
    for field in Settings.model_fields:
        monkeypatch.delenv(variable_of(field), raising=False)


def documented() -> dict[str, tuple[str, str]]:
    text = (HOUSE / "docs" / "settings.md").read_text("utf-8")
    return {found["name"]: (found["default"], found["meaning"]) for found in ROW.finditer(text)}


def shown(default: object) -> str:
    if default is None:
        return "none"
    return f"`{default.get_secret_value() if isinstance(default, SecretStr) else default}`"


def test_every_setting_is_documented_with_its_default_and_meaning() -> None:
    told = {
        variable_of(name): (shown(field.default), field.description)
        for name, field in Settings.model_fields.items()
    }

    assert documented() == told


def test_settings_are_read_from_their_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHE_TTL", "60")
    monkeypatch.setenv("SERVERY_MODEL", "books.yml")
    monkeypatch.setenv("SERVERY_ADMIN_TOKEN", "opened")

    settings = settings_from_environment()

    assert settings.lifetimes.today.total_seconds() == 60
    assert settings.model == Path("books.yml")
    assert settings.admin_token == SecretStr("opened")


@pytest.mark.parametrize(("name", "value"), WRONG.items())
def test_a_wrong_value_is_refused_by_the_name_of_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsInvalid) as refused:
        settings_from_environment()

    head, *faults = str(refused.value).splitlines()
    assert head == "These settings are wrong:"
    assert len(faults) == 1
    assert faults[0].startswith(f"  {name}: ")


def test_every_wrong_value_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WRONG.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SettingsInvalid) as refused:
        settings_from_environment()

    assert {line.split(":")[0].strip() for line in str(refused.value).splitlines()[1:]} == set(WRONG)


@pytest.mark.parametrize(
    "url",
    [
        f"cache:6379/{SECRET}",
        f"redis://:{SECRET}#@cache:6379",
        f"redis://:{SECRET}/@cache:6379",
        f"redis://:a@cache:{SECRET}",
        "",
    ],
)
def test_an_address_of_redis_that_cannot_be_read_is_refused_without_showing_it(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("REDIS_URL", url)

    with pytest.raises(SettingsInvalid) as refused:
        settings_from_environment()

    assert "REDIS_URL: " in str(refused.value)
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    "url",
    [
        "redis://cache",
        "redis://:a%23b@cache:6379/1",
        "rediss://u:p@cache:6380/0?ssl_cert_reqs=none",
        "unix:///run/redis.sock",
    ],
)
def test_every_kind_of_address_of_redis_is_taken(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("REDIS_URL", url)

    assert settings_from_environment().redis_url.get_secret_value() == url


def test_a_default_limit_above_the_largest_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else every question without a limit would be refused."""
    monkeypatch.setenv("SERVERY_MAX_LIMIT", "500")

    with pytest.raises(SettingsInvalid, match="SERVERY_DEFAULT_LIMIT is above SERVERY_MAX_LIMIT"):
        settings_from_environment()


def test_a_file_of_trusted_documents_that_cannot_be_used_is_refused_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "trusted.json"
    file.write_text('{"sales": "{ a"}', "utf-8")
    monkeypatch.setenv("SERVERY_TRUSTED_DOCUMENTS", str(file))

    with pytest.raises(SettingsInvalid) as refused:
        settings_from_environment()

    reason = f"SERVERY_TRUSTED_DOCUMENTS: {file}: the document 'sales' is not GraphQL."
    assert reason in str(refused.value)


def test_trusting_nothing_but_a_list_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else nobody could ask anything."""
    monkeypatch.setenv("SERVERY_TRUSTED_ONLY", "true")

    with pytest.raises(SettingsInvalid, match="SERVERY_TRUSTED_ONLY needs SERVERY_TRUSTED_DOCUMENTS"):
        settings_from_environment()


def test_what_looks_like_a_setting_and_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVERY_FASTLANE", "true")
    monkeypatch.setenv("SERVERY_FAST_LANE", "true")

    assert unknown_settings() == ["SERVERY_FASTLANE is no setting. Did you mean 'SERVERY_FAST_LANE'?"]


def test_secrets_are_in_no_repr() -> None:
    settings = Settings(
        database_url=SecretStr(f"postgresql://u:{SECRET}@h/d"),
        redis_url=SecretStr(f"redis://:{SECRET}@h"),
        admin_token=SecretStr(SECRET),
    )

    for shown_somewhere in (
        repr(settings),
        str(settings),
        str(settings.model_dump()),
        repr(pool_settings(settings)),
    ):
        assert SECRET not in shown_somewhere


def test_settings_stay_as_they_are() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1  # type: ignore[misc]  # that it is forbidden is the point
