"""`servery check` as a command: what it says, and the exit code."""

import subprocess
import sys
from pathlib import Path

import pytest

from servery.check.command import exit_code
from servery.check.finding import advice, error, warning
from servery.check.report import summary
from servery.embedded.port import free_port
from tests.check.holding import FULL, MODEL, TABLES, bare, run
from tests.fakes import HOUSE, RESTAURANT

pytestmark = pytest.mark.anyio


def check(model: Path, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "servery", "check", "--model", str(model), *arguments]
    given = {"PATH": "/usr/bin:/bin", "COLUMNS": "60", "DATABASE_URL": url}
    return subprocess.run(
        command, cwd=HOUSE, env=given, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.yml"
    path.write_text(MODEL, "utf-8")
    return path


@pytest.mark.integration
async def test_a_model_that_fits_ends_with_0(database_url: str, model: Path) -> None:
    await run(database_url, TABLES, FULL)

    done = check(model, database_url, "--strict")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "The model fits the database.\n"


@pytest.mark.integration
async def test_an_error_ends_with_1_and_is_told_with_its_line(database_url: str, model: Path) -> None:
    await run(database_url, TABLES, FULL, "alter table sales rename amount to amounts")

    done = check(model, database_url)

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == (
        f"{model}:18: error: public.sales has no column 'amount'. Did you mean 'amounts'?\n"
        "The model does not fit the database: 1 error.\n"
    )


@pytest.mark.integration
async def test_a_warning_fails_only_when_strict(database_url: str, model: Path) -> None:
    await run(database_url, TABLES, FULL, "alter table stores drop constraint stores_pkey")

    easy, strict = check(model, database_url), check(model, database_url, "--strict")

    assert easy.stdout == strict.stdout
    assert "\n    create unique index concurrently on public.stores (id);\n" in bare(easy.stdout)
    assert easy.stdout.endswith("The model fits the database: 1 warning.\n")
    assert (easy.returncode, strict.returncode) == (0, 1)


def test_a_database_that_is_not_there_ends_with_2(model: Path) -> None:
    done = check(model, f"postgresql://u:hunter2@127.0.0.1:{free_port()}/x")

    assert done.returncode == 2
    assert done.stderr.startswith("servery: PostgreSQL at 127.0.0.1:")
    assert "hunter2" not in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.integration
def test_the_example_passes(restaurant_url: str) -> None:
    done = check(RESTAURANT, restaurant_url, "--strict")

    assert (done.returncode, done.stderr) == (0, "")


def test_a_broken_model_ends_with_1_before_any_database_is_asked(tmp_path: Path) -> None:
    model = tmp_path / "model.yml"
    model.write_text(MODEL.replace("type: sum", "type: summ"), "utf-8")

    done = check(model, f"postgresql://u@127.0.0.1:{free_port()}/x")

    assert done.returncode == 1
    assert f"{model}:18:" in done.stderr


def test_advice_never_fails() -> None:
    assert exit_code([advice((), "Slow.")], strict=True) == 0
    assert exit_code([warning((), "Odd.")], strict=False) == 0
    assert exit_code([warning((), "Odd.")], strict=True) == 1
    assert exit_code([advice((), "Slow."), error((), "Wrong.")], strict=False) == 1


def test_the_last_line_counts() -> None:
    findings = [advice((), "a"), advice((), "b"), warning((), "c")]

    assert summary(findings) == "The model fits the database: 1 warning, 2 pieces of advice."
