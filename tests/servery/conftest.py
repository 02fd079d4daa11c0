"""A home and a server of the embedded PostgreSQL, for the tests that share them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from servery.embedded.postgres import EmbeddedPostgres
from tests.servery.clusters import SMALL


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """With data in it. As pytest makes it: its parents are closed to all but the user of the tests."""
    home = tmp_path_factory.mktemp("run") / "home"
    server = EmbeddedPostgres(home, settings=SMALL)
    server.start()
    server.stop()
    yield home
    server.erase()


@pytest.fixture
def server(home: Path) -> Iterator[EmbeddedPostgres]:
    """Not started; what a test leaves in its database, later tests find."""
    server = EmbeddedPostgres(home, settings=SMALL)
    yield server
    server.stop()
