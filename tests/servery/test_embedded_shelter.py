"""The shelter trusts nothing that another user could have put there."""

import os
import shutil
from pathlib import Path

import pytest

from servery.embedded.errors import HomeRefusedError
from servery.embedded.shelter import is_roots_alone, own_directory, sheltered_home

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")


def test_a_new_directory_can_be_entered_by_all_and_written_by_its_owner(tmp_path: Path) -> None:
    made = own_directory(tmp_path / "shelter")

    assert made.stat().st_mode & 0o777 == 0o755


def test_a_directory_made_before_is_taken_again(tmp_path: Path) -> None:
    (own_directory(tmp_path / "shelter") / "kept").touch()

    assert (own_directory(tmp_path / "shelter") / "kept").exists()


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o777, 0o1777])
def test_a_directory_that_others_may_write_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "shelter"
    path.mkdir()
    path.chmod(mode)

    with pytest.raises(HomeRefusedError, match="ls -ld"):
        own_directory(path)


def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "shelter").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(HomeRefusedError):
        own_directory(tmp_path / "shelter")


@as_root
def test_a_directory_of_another_user_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shelter"
    path.mkdir()
    os.chown(path, 65534, 65534)

    with pytest.raises(HomeRefusedError):
        own_directory(path)


@as_root
def test_a_place_that_another_user_could_swap_is_not_roots_alone(tmp_path: Path) -> None:
    (tmp_path / "theirs" / "ours").mkdir(parents=True)
    before = is_roots_alone(tmp_path / "theirs" / "ours")

    os.chown(tmp_path / "theirs", 65534, 65534)

    assert before
    assert not is_roots_alone(tmp_path / "theirs" / "ours")


@as_root
def test_a_place_behind_a_link_is_not_roots_alone(tmp_path: Path) -> None:
    (tmp_path / "real" / "home").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")

    assert not is_roots_alone(tmp_path / "link" / "home")


def test_each_home_has_a_place_of_its_own_and_finds_it_again(tmp_path: Path) -> None:
    shelter = own_directory(tmp_path / "shelter")
    homes = [tmp_path / "one", tmp_path / "two"]
    for home in homes:
        home.mkdir()

    places = [sheltered_home(home, shelter) for home in homes]

    assert len(set(places)) == 2
    assert sheltered_home(homes[0], shelter) == places[0]


def test_the_place_of_a_home_that_is_gone_is_removed(tmp_path: Path) -> None:
    shelter = own_directory(tmp_path / "shelter")
    for name in ("gone", "kept"):
        (tmp_path / name).mkdir()
    gone, kept = (sheltered_home(tmp_path / name, shelter) for name in ("gone", "kept"))
    shutil.rmtree(tmp_path / "gone")

    sheltered_home(tmp_path / "kept", shelter)

    assert not gone.exists()
    assert kept.exists()
