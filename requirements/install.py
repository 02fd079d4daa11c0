# ruff: noqa: INP001, T201, S603  (a script of its own, that talks to the terminal and starts pip)
"""Makes `.venv` and installs a locked set of packages into it; runs on a bare Python with pip.

usage: python requirements/install.py run|dev

Nothing is done when `.venv` already holds exactly that lock file's packages. uv installs in seconds what
takes pip half a minute, so it is put into `.venv` first; where it cannot be had, pip does the work.
"""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE.parent / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)


def main(which: str) -> None:
    if sys.version_info < OLDEST:
        sys.exit(
            f"Servery needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}. "
            "Name another one with: make PYTHON=python3.12 ..."
        )
    lock = HERE / f"{which}.lock"
    stamp = VENV / f".{which}.installed"
    wanted = fingerprint(lock)
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    began = time.monotonic()
    say(f"Installing the packages of requirements/{lock.name} into .venv ...")
    make_venv()
    install(lock)
    put_on_path()
    stamp.write_text(wanted)
    say(f"Installed in {time.monotonic() - began:.1f} s")


def fingerprint(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()


def make_venv() -> None:
    """A `.venv` of this very Python, in place of another version's. Needs no ensurepip (python3-venv)."""
    if PYTHON.exists() and version_of(PYTHON) == sys.version:
        return
    run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)], "make .venv")


def version_of(python: Path) -> str:
    asked = [str(python), "-c", "import sys; print(sys.version, end='')"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout


def install(lock: Path) -> None:
    hashed = ["--require-hashes", "-r", str(lock)]
    if not pip("install", "--quiet", "--require-hashes", "-r", str(HERE / "bootstrap.lock")):
        sys.exit(
            "pip could not install into .venv. Is it there (python3 -m pip --version), "
            "and can it reach a package index? Its own words stand above."
        )
    uv = [str(VENV / "bin" / "uv"), "pip", "install", "--quiet", "--python", str(PYTHON), *hashed]
    if (
        subprocess.run(
            uv, env={**os.environ, "UV_NO_CONFIG": "1", "UV_NATIVE_TLS": "1"}, check=False
        ).returncode
        == 0
    ):
        return
    say("uv could not do it (it does not read pip's settings); pip tries.")
    if not pip("install", "--quiet", *hashed):
        sys.exit(f"The packages of {lock.name} could not be installed; pip's own words stand above.")


def put_on_path() -> None:
    """The rooms of this checkout become importable from anywhere, and `.venv/bin/servery` runs them."""
    asked = [str(PYTHON), "-c", "import sysconfig; print(sysconfig.get_path('purelib'), end='')"]
    packages = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)
    (packages / "servery.pth").write_text(f"{HERE.parent}\n")
    launcher = VENV / "bin" / "servery"
    launcher.write_text('#!/bin/sh\nexec "$(dirname "$0")/python" -m servery "$@"\n')
    launcher.chmod(0o755)


def pip(*arguments: str) -> bool:
    """Run the pip that exists on `.venv`: that of this Python, else one that ensurepip puts there."""
    for command in ([sys.executable, "-m", "pip", "--python", str(PYTHON)], [str(PYTHON), "-m", "pip"]):
        if quiet([*command, "--version"]):
            quieted = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
            return subprocess.run([*command, *arguments], env=quieted, check=False).returncode == 0
        quiet([str(PYTHON), "-m", "ensurepip"])
    return False


def quiet(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def run(command: list[str], what: str) -> None:
    if subprocess.run(command, check=False).returncode:
        sys.exit(f"Could not {what}: {' '.join(command)}")


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in {"run", "dev"}:
        sys.exit(__doc__)
    main(sys.argv[1])
