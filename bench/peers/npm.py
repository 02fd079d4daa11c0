"""Fetches the peers that run on Node into a folder, at the time of the bench."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Final

from bench.faults import NotMeasured

HERE: Final = Path(__file__).parent
SECONDS: Final = 300
OPTIONS: Final = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--no-package-lock")


def fetched(kind: str, folder: Path) -> Path:
    """The folder of one kind of peers, with its packages in it. Raises NotMeasured."""
    place = folder / kind
    shutil.copytree(HERE / kind, place, dirs_exist_ok=True)
    if all((place / "node_modules" / name).is_dir() for name in _wanted(place)):
        return place
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise NotMeasured("Node and npm are not installed")
    try:
        done = subprocess.run(
            [npm, "install", *OPTIONS],
            cwd=place,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotMeasured(f"npm was not done within {SECONDS} s") from None
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["nothing"]
        raise NotMeasured(f"npm ended with {done.returncode}: {lines[-1]}")
    return place


def versions_in(place: Path) -> dict[str, str]:
    """Of the packages that were asked for, as they lie there."""
    found = {}
    for name in _wanted(place):
        told = json.loads((place / "node_modules" / name / "package.json").read_text())
        found[name] = told["version"]
    return found


def node_in(place: Path) -> str:
    """The Node that lies there, else this machine's: PostGraphile needs a newer one than many have."""
    found = sorted(place.glob("node_modules/node-*/bin/node"))
    return str(found[0]) if found else shutil.which("node") or "node"


def node_version(node: str) -> str:
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return done.stdout.strip().removeprefix("v")


def _wanted(place: Path) -> list[str]:
    return list(json.loads((place / "package.json").read_text())["dependencies"])
