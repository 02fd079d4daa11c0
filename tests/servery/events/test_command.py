"""`servery events` as a command: what it says, and the exit code."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.check.holding import run
from tests.db.telling import role
from tests.fakes import HOUSE
from tests.servery.events.following import MODEL, TABLES

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

VIEW = "  seen:\n    source: public.seen\n    key: id\n    dimensions: {seen_name: {column: name}}\n"
MISSING = "  lost:\n    source: shop.lost\n    key: id\n    dimensions: {lost_name: {column: name}}\n"
KEY = "    refresh_key: select count(*) from public.seen\n"


Write = Callable[[str], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Makes a model file of this text, and returns its path."""

    def written(text: str) -> str:
        path = tmp_path / "model.yml"
        path.write_text(text, "utf-8")
        return str(path)

    return written


@pytest.fixture
def model(write: Write) -> str:
    return write(MODEL)


def events(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "servery", "events", *arguments]
    given = {"PATH": "/usr/bin:/bin", "COLUMNS": "60", "DATABASE_URL": url}
    return subprocess.run(
        command, cwd=HOUSE, env=given, capture_output=True, text=True, check=False, timeout=60
    )


async def test_install_status_and_remove_tell_of_each_table(database_url: str, model: str) -> None:
    await run(database_url, TABLES)

    done = events(database_url, "install", "--model", model)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "public.sales: changes are told with the months of sold_at in America/Sao_Paulo.\n"
        "public.stores: changes are told for all months.\n"
    )

    await run(database_url, "insert into public.sales values (1, '2026-01-15')")
    done = events(database_url, "status", "--model", model)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[1].startswith("  kept: 1 changes, the last ")
    assert lines[-1] == "What is installed fits the model."

    done = events(database_url, "remove")
    assert (done.returncode, done.stdout, done.stderr) == (0, "All change events are removed.\n", "")


async def test_what_can_have_no_triggers_is_told_with_its_remedy(database_url: str, write: Write) -> None:
    await run(database_url, TABLES, "create view public.seen as select * from public.stores")
    model = write(MODEL + VIEW)

    done = events(database_url, "install", "--model", model)

    assert done.returncode == 0
    assert (
        "public.seen: no triggers: it is a view. "
        "Give it a refresh_key, or call servery.changed() when it changes." in done.stdout.splitlines()
    )


async def test_a_refresh_key_is_told_with_its_result(database_url: str, write: Write) -> None:
    await run(database_url, TABLES, "create view public.seen as select * from public.stores")
    model = write(MODEL + VIEW + KEY)
    events(database_url, "install", "--model", model)

    done = events(database_url, "status", "--model", model)

    assert done.returncode == 0
    assert "public.seen: no triggers: its refresh_key is asked every 10 s." in done.stdout.splitlines()
    assert "  seen: refresh_key: [['0']]" in done.stdout.splitlines()


async def test_a_missing_table_ends_with_1(database_url: str, write: Write) -> None:
    await run(database_url, TABLES)
    model = write(MODEL + MISSING)

    done = events(database_url, "install", "--model", model)

    assert done.returncode == 1
    assert (
        "shop.lost: is not in the database, or not in the search path. Create it, or correct the model."
        in done.stdout.splitlines()
    )


async def test_what_does_not_fit_ends_with_1(database_url: str, model: str, write: Write) -> None:
    await run(database_url, TABLES)
    events(database_url, "install", "--model", model)
    await run(database_url, "alter table public.stores disable trigger all")
    model = write(MODEL.replace("America/Sao_Paulo", "UTC"))

    done = events(database_url, "status", "--model", model)

    assert done.returncode == 1
    assert done.stdout == (
        "public.sales: was installed for another model, or by another version.\n"
        "public.stores: lacks the triggers.\n"
        "It does not fit. Run: servery events install\n"
    )


async def test_where_nothing_is_installed_status_ends_with_1(database_url: str, model: str) -> None:
    await run(database_url, TABLES)

    done = events(database_url, "status", "--model", model)

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == "There are no change events in this database. Run: servery events install\n"


async def test_removing_what_is_not_there_ends_with_0(database_url: str) -> None:
    done = events(database_url, "remove")

    assert (done.returncode, done.stdout) == (0, "There are no change events in this database.\n")


async def test_who_may_not_is_told_what_postgresql_says(database_url: str, model: str) -> None:
    await run(database_url, TABLES)
    async with role(database_url) as (_, url):
        done = events(url, "install", "--model", model)

    assert done.returncode == 2
    assert "permission denied for database" in done.stderr
    assert "secret" not in done.stderr


async def test_a_granted_role_may_ask_for_the_status(database_url: str, model: str) -> None:
    await run(database_url, TABLES)
    async with role(database_url) as (name, url):
        done = events(database_url, "install", "--model", model, "--grant-to", name)
        assert done.returncode == 0, done.stderr

        done = events(url, "status", "--model", model)

    assert (done.returncode, done.stderr) == (0, "")
