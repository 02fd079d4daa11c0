"""Flat in the checkout, inside the house in the wheel: every way to install it finds the same rooms."""

import importlib
import json
import os
import subprocess
import sys
import tarfile
import tomllib
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import packages_distributions
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest

from model.load import load_model
from schema.build import Schema
from servery import ROOM_NAMES, __version__
from servery.embedded.port import free_port
from servery.observe import report_internal

CHECKOUT = Path(__file__).resolve().parents[1]
EXAMPLE = CHECKOUT / "examples" / "restaurant" / "model.yml"
UV = Path(sys.executable).parent / "uv"
BESIDE = {"PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "LANG"}  # what an installed program may see of ours
WHERE = (
    "import importlib, json, servery; print(json.dumps([importlib.import_module(n).__file__ for n in {}]))"
)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel and the sdist of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    build(CHECKOUT, folder)
    return folder


@pytest.fixture(scope="module")
def installed(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the wheel, and the packages of the tests beside it."""
    python = environment(tmp_path_factory.mktemp("installed"))
    install(python, str(wheel_in(dist)))
    return python


@pytest.mark.parametrize("room", [*ROOM_NAMES, "servery"])
def test_every_room_resolves_to_the_checkout(room: str) -> None:
    found = importlib.import_module(room).__file__

    assert found == str(CHECKOUT / room / "__init__.py")


def test_no_installed_distribution_carries_a_rooms_name() -> None:
    carried = packages_distributions()

    assert carried.keys().isdisjoint(ROOM_NAMES)


def test_every_room_is_named_wherever_rooms_are_listed() -> None:
    rooms, project = set(ROOM_NAMES), tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    build_targets = project["tool"]["hatch"]["build"]["targets"]
    ignored = (CHECKOUT / ".dockerignore").read_text().split()

    assert build_targets["wheel"]["force-include"] == {
        "examples": "servery/_examples",
        **{room: f"servery/_rooms/{room}" for room in rooms},
    }
    assert rooms <= set(build_targets["sdist"]["only-include"])
    assert rooms <= set(project["tool"]["coverage"]["run"]["source_pkgs"])
    assert rooms <= set(project["tool"]["importlinter"]["root_packages"])
    assert rooms <= set(project["tool"]["mypy"]["files"])
    assert {f"!{room}" for room in rooms} <= set(ignored)
    assert rooms == {path.parent.name for path in CHECKOUT.glob("*/__init__.py")} - {"servery"}


def test_only_the_house_is_seen_from_outside(dist: Path) -> None:
    tops = {name.split("/")[0] for name in contents(wheel_in(dist))}

    assert tops == {"servery", f"servery-{__version__}.dist-info"}


def test_the_wheel_holds_exactly_the_folders(dist: Path) -> None:
    house = {name for name in contents(wheel_in(dist)) if name.startswith("servery/")}

    folders = {"servery": "servery", "examples": "servery/_examples"}
    folders |= {room: f"servery/_rooms/{room}" for room in ROOM_NAMES}
    assert house == {f"{to}/{name}" for folder, to in folders.items() for name in files_of(folder)}
    assert {"servery/demo/schema.sql", "servery/_examples/restaurant/model.yml"} <= house


def test_the_sdist_builds_the_same_wheel(dist: Path, tmp_path: Path) -> None:
    unpack(next(dist.glob("*.tar.gz")), tmp_path)
    source = tmp_path / f"servery-{__version__}"

    build(source, tmp_path / "again", "-t", "wheel")

    assert contents(wheel_in(tmp_path / "again")) == contents(wheel_in(dist))


def test_the_console_script_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    script = str(installed.parent / "servery")

    assert "serve" in said([script, "--help"], tmp_path)
    assert said([script, "version"], tmp_path).strip() == __version__


def test_the_module_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    assert said([str(installed), "-m", "servery", "version"], tmp_path).strip() == __version__


def test_the_wheel_and_the_checkout_print_the_same_schema(installed: Path, tmp_path: Path) -> None:
    printed = said([str(installed.parent / "servery"), "schema", "--model", str(EXAMPLE)], tmp_path)

    assert printed == Schema(load_model(EXAMPLE), report_internal).sdl


def test_rooms_of_the_wheel_lie_inside_the_house(installed: Path, tmp_path: Path) -> None:
    found = rooms_of(installed, tmp_path)

    assert {Path(path).parent.parent for path in found} == {site_packages(installed) / "servery" / "_rooms"}


def test_the_wheel_finds_its_example(installed: Path, tmp_path: Path) -> None:
    asked = "from servery.demo.run import example_model as m; print(m())"

    found = Path(said([str(installed), "-c", asked], tmp_path).strip())

    assert found.read_bytes() == EXAMPLE.read_bytes()
    assert found.is_relative_to(site_packages(installed))


def test_another_package_of_a_rooms_name_does_not_get_in_the_way(installed: Path, tmp_path: Path) -> None:
    stranger(tmp_path, "cache")

    found = rooms_of(installed, tmp_path)

    assert not any(Path(path).is_relative_to(tmp_path) for path in found)


def test_another_package_imported_before_is_named_in_the_refusal(installed: Path, tmp_path: Path) -> None:
    there = stranger(tmp_path, "cache")

    refused = run([str(installed), "-c", "import cache, servery"], tmp_path)

    assert refused.returncode == 1
    assert f"ImportError: Another package called 'cache' was imported before servery (from {there})" in (
        refused.stderr
    )


def test_an_editable_install_leads_to_the_checkout(tmp_path: Path) -> None:
    python = environment(tmp_path / "editable")

    install(python, "--no-build-isolation", "--editable", str(CHECKOUT))

    assert {Path(path).parent.parent for path in rooms_of(python, tmp_path)} == {CHECKOUT}
    assert said([str(python.parent / "servery"), "version"], tmp_path).strip() == __version__


@pytest.mark.integration
def test_two_uvicorn_workers_serve_from_the_wheel(installed: Path, postgres_url: str, tmp_path: Path) -> None:
    port = free_port()
    command = [str(installed), "-m", "uvicorn", "servery.serving:app_from_environment", "--factory"]
    settings = {
        "DATABASE_URL": postgres_url,
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        "SERVERY_MODEL": str(EXAMPLE),
        "SERVERY_ADMIN_TOKEN": "a-token-for-both-workers",
    }

    with running([*command, "--workers", "2", "--port", str(port)], tmp_path, settings) as server:
        alive = eventually_read(f"http://127.0.0.1:{port}/health/live", server)
        workers = [child for child in server.children() if "spawn_main" in " ".join(child.cmdline())]

    assert json.loads(alive) == {"status": "live"}
    assert len(workers) == 2


def build(source: Path, into: Path, *options: str) -> None:
    said([sys.executable, "-m", "hatchling", "build", *options, "-d", str(into)], source)


def wheel_in(folder: Path) -> Path:
    (wheel,) = folder.glob("*.whl")
    return wheel


def contents(wheel: Path) -> dict[str, int]:
    """Every file of the wheel and its checksum."""
    with zipfile.ZipFile(wheel) as archive:
        return {entry.filename: entry.CRC for entry in archive.infolist()}


def unpack(sdist: Path, into: Path) -> None:
    # File by file: extractall has its filter since 3.11.4 only, and warns without it from 3.12 on.
    with tarfile.open(sdist) as archive:
        for member in archive:
            if (source := archive.extractfile(member)) is not None:
                target = into / member.name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(source.read())


def files_of(folder: str) -> Iterator[str]:
    """What lies in a folder of the checkout, without what Python and desktops leave there."""
    for path in (CHECKOUT / folder).rglob("*"):
        if path.is_file() and path.parent.name != "__pycache__" and path.name != ".DS_Store":
            yield path.relative_to(CHECKOUT / folder).as_posix()


def environment(folder: Path) -> Path:
    """A virtual environment that borrows the packages of this one; its Python is given back."""
    said([sys.executable, "-m", "venv", "--without-pip", str(folder)], CHECKOUT)
    python = folder / "bin" / "python"
    borrowed = site_packages(Path(sys.executable))
    (site_packages(python) / "borrowed.pth").write_text(f"{borrowed}\n")
    return python


def install(python: Path, *what: str) -> None:
    options = ["--no-deps", "--offline", "--no-cache", "--python", str(python)]
    said([str(UV), "pip", "install", *options, *what], CHECKOUT)


def site_packages(python: Path) -> Path:
    (found,) = (python.parent.parent / "lib").glob("python*/site-packages")
    return found


def stranger(folder: Path, name: str) -> Path:
    """Another package of a room's name, in the folder where the program is started."""
    (folder / name).mkdir()
    module = folder / name / "__init__.py"
    module.write_text("")
    return module


def rooms_of(python: Path, cwd: Path) -> list[str]:
    found: list[str] = json.loads(said([str(python), "-c", WHERE.format(list(ROOM_NAMES))], cwd))
    return found


def said(command: list[str], cwd: Path) -> str:
    done = run(command, cwd)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


def run(command: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env=clean(), capture_output=True, text=True, check=False, timeout=120
    )


def clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name in BESIDE}


@contextmanager
def running(command: list[str], cwd: Path, settings: dict[str, str]) -> Iterator[psutil.Popen]:
    with (cwd / "log").open("w") as log:
        server = psutil.Popen(command, cwd=cwd, env=clean() | settings, stdout=log, stderr=log)
        try:
            yield server
        finally:
            server.terminate()
            server.wait(30)


def eventually_read(address: str, server: psutil.Popen) -> bytes:
    deadline = monotonic() + 60
    while monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310  an address of our own
                return bytes(answer.read())
        except OSError:
            sleep(0.05)
    pytest.fail(f"{address} did not answer; the server ended with {server.poll()}")
