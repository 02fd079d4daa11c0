"""Settings, from the environment. Every one is listed in docs/settings.md."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from cache.address import BadAddress, address_of
from cache.wire import encryption
from model.faults import did_you_mean, similar
from resolvers.lifetime import LifetimeRules
from servery.transport.trusted import trusted_documents

Milliseconds = Annotated[int, Field(ge=1)]


def _redis_address(url: SecretStr) -> SecretStr:
    """What is wrong is not quoted: in a password that is not encoded it could be a part of it."""
    try:
        encryption(address_of(url.get_secret_value()).tls)
    except BadAddress as bad:
        raise ValueError(bad.reason[:1].upper() + bad.reason[1:]) from None
    return url


def _trusted(path: Path) -> Path:
    """What is wrong in the file is said at the start."""
    trusted_documents(path)
    return path


def _visible(text: str) -> str:
    if not text.isprintable() or " " in text:
        raise ValueError("It must be visible text without spaces")
    return text


class Settings(BaseSettings):
    """What an operator may set. Wrong values are refused at the start, by name."""

    model_config = SettingsConfigDict(env_prefix="SERVERY_", frozen=True, populate_by_name=True)

    database_url: SecretStr = Field(
        SecretStr("postgresql://127.0.0.1:5432/postgres"),
        validation_alias="DATABASE_URL",
        description="PostgreSQL, as postgresql://user:password@host:port/database.",
    )
    redis_url: Annotated[SecretStr, AfterValidator(_redis_address)] = Field(
        SecretStr("redis://127.0.0.1:6379/0"),
        validation_alias="REDIS_URL",
        description="Redis or Valkey, as redis://:password@host:port/0. Other forms: docs/redis.md.",
    )
    cache_ttl: Annotated[int, Field(ge=1)] = Field(
        300,
        validation_alias="CACHE_TTL",
        description="How many seconds an answer is fresh whose range holds today, or is open.",
    )
    ttl_recent: Annotated[int, Field(ge=1)] = Field(
        3_600, description="The same for ranges that end in the last 30 days."
    )
    ttl_old: Annotated[int, Field(ge=1)] = Field(86_400, description="The same for ranges that end before.")
    stale_while_revalidate: Annotated[int, Field(ge=0)] = Field(
        60, description="How many seconds longer an answer is shown, flagged, while it is loaded anew."
    )
    stale_if_error: Annotated[int, Field(ge=0)] = Field(
        3_600, description="How many seconds longer it is kept for the case that PostgreSQL fails."
    )
    memory_bytes: Annotated[int, Field(ge=0)] = Field(
        64 * 1024 * 1024,
        description="The most that answers take of each process's memory, a quarter of it as "
        "finished responses; 0 keeps none.",
    )
    cheap_ms: Annotated[int, Field(ge=0)] = Field(
        20,
        description="Answers whose SQL took less are written to Redis from their second load on, or when "
        "several wait for them.",
    )
    tenant_quota_bytes: Annotated[int, Field(ge=1)] = Field(
        64 * 1024 * 1024, description="The most that a process writes to Redis in a minute for one tenant."
    )
    warm_at_start: bool = Field(
        default=False, description="Load answers that are likely to be asked for when the service starts."
    )
    warm_after_clear: bool = Field(default=False, description="The same after each clear of the cache.")
    events: bool = Field(
        False, description="Follow what `servery events install` has PostgreSQL tell of changes."
    )
    events_database_url: SecretStr | None = Field(
        None, description="Where to follow it; PostgreSQL itself, where DATABASE_URL leads to a pooler."
    )
    fast_lane: bool = Field(
        True, description="Answer requests that were answered before without GraphQL, from the cache alone."
    )
    metrics: bool = Field(True, description="Tell Prometheus about this service, at /metrics.")
    model: Path = Field(
        Path("model.yml"),
        description="The model: a YAML file, or a folder of them.",
    )
    admin_token: SecretStr | None = Field(
        None,
        description="The bearer token of administrators. Without it one is made and printed at the start.",
    )
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(8000, description="The port to listen on.")
    cache_prefix: Annotated[str, AfterValidator(_visible)] = Field(
        "analytics", min_length=1, description="What the names of our Redis keys begin with."
    )
    max_entry_bytes: Annotated[int, Field(ge=1024)] = Field(
        1024 * 1024,
        description="Answers larger than this are served but not cached.",
    )
    redis_budget_ms: Milliseconds = Field(250, description="The most that Redis may add to one question.")
    pool_min_size: Annotated[int, Field(ge=0)] = Field(1, description="PostgreSQL connections kept open.")
    pool_max_size: Annotated[int, Field(ge=1)] = Field(10, description="The most PostgreSQL connections.")
    statement_timeout_ms: Milliseconds = Field(15_000, description="The most that one query may take.")
    acquire_timeout_ms: Milliseconds = Field(
        2_000,
        description="The most that a question waits for a connection before it is told to come back.",
    )
    statement_cache_size: Annotated[int, Field(ge=0)] = Field(
        100,
        description="How many prepared statements each connection keeps.",
    )
    prepared_statements: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Whether to prepare any; `auto`: unless a pooler, such as PgBouncer, is noticed.",
    )
    start_timeout_s: Annotated[int, Field(ge=0)] = Field(
        60,
        description="How long the start waits for PostgreSQL.",
    )
    shutdown_timeout_s: Annotated[int, Field(ge=0)] = Field(
        10,
        description="How long a stop waits for questions that are being answered.",
    )
    default_limit: Annotated[int, Field(ge=1)] = Field(
        1000, description="Rows of a question without a limit."
    )
    max_limit: Annotated[int, Field(ge=1)] = Field(10_000, description="The largest limit of a question.")
    max_body_bytes: Annotated[int, Field(ge=1024)] = Field(65_536, description="The largest request body.")
    max_batch: Annotated[int, Field(ge=1)] = Field(50, description="The most requests in one list.")
    http_max_age_s: Annotated[int, Field(ge=0)] = Field(
        60,
        description="The most seconds that browsers show an answer again without asking; 0: they always ask.",
    )
    trusted_documents: Annotated[Path, AfterValidator(_trusted)] | None = Field(
        None, description="A file of documents that are asked by their hash: docs/http.md."
    )
    trusted_only: bool = Field(False, description="Answer those alone, but to administrators anything.")
    log_format: Literal["console", "json"] = Field(
        "console", description="Lines for people, or JSON for machines."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least that is logged."
    )
    home: Path = Field(Path(".servery"), description="Where `servery demo` keeps its servers' files.")

    @model_validator(mode="after")
    def _default_within_limit(self) -> Self:
        if self.default_limit > self.max_limit:
            raise ValueError("SERVERY_DEFAULT_LIMIT is above SERVERY_MAX_LIMIT")
        return self

    @model_validator(mode="after")
    def _something_trusted(self) -> Self:
        if self.trusted_only and self.trusted_documents is None:
            raise ValueError("SERVERY_TRUSTED_ONLY needs SERVERY_TRUSTED_DOCUMENTS")
        return self

    @property
    def lifetimes(self) -> LifetimeRules:
        return LifetimeRules(
            today=timedelta(seconds=self.cache_ttl),
            recent=timedelta(seconds=self.ttl_recent),
            old=timedelta(seconds=self.ttl_old),
            while_revalidating=timedelta(seconds=self.stale_while_revalidate),
            if_error=timedelta(seconds=self.stale_if_error),
        )


class SettingsInvalid(Exception):
    """Every setting that is wrong, by the name of its variable. Values are not repeated: some are secret."""


def settings_from_environment() -> Settings:
    """Raises SettingsInvalid."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [f"  {_sentence(each)}" for each in error.errors(include_input=False)]
        raise SettingsInvalid("\n".join(["These settings are wrong:", *lines])) from None


def unknown_settings() -> list[str]:
    """A sentence for each variable that looks like a setting and is none."""
    fields = Settings.model_fields
    known = dict.fromkeys([*map(variable_of, fields), *(f"SERVERY_{field.upper()}" for field in fields)])
    unknown = sorted(name for name in os.environ if name.startswith("SERVERY_") and name not in known)
    return [f"{name} is no setting.{did_you_mean(similar(name, known)[:1])}" for name in unknown]


def _sentence(fault: ErrorDetails) -> str:
    """Pydantic's words begin with their kind; a fault of several settings names them itself."""
    words = fault["msg"].removeprefix("Value error, ") + "."
    return f"{variable_of(str(fault['loc'][0]))}: {words}" if fault["loc"] else words


def variable_of(field: str) -> str:
    """The environment variable behind a field, or behind an alias, which is one already."""
    found = Settings.model_fields.get(field)
    if found is None:
        return field
    return str(found.validation_alias or f"SERVERY_{field.upper()}")
