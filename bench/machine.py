"""On what it was measured: versions, processor, and how busy the machine was."""

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from bench.servers import Cores
from servery.embedded.account import server_account
from servery.embedded.binaries import find_postgres, find_valkey
from servery.settings import Settings

PACKAGES: Final = ("uvicorn", "uvloop", "httptools", "strawberry-graphql", "redis", "hiredis")
SERVERS: Final = ("Valkey", "PostgreSQL")
PROCESSORS: Final = Path("/proc/cpuinfo")


def versions(packages: Sequence[str] = PACKAGES, servers: Sequence[str] = SERVERS) -> str:
    """Of everything that takes part in what is measured."""
    told = [f"Python {platform.python_version()}"]
    told += [f"{package} {version(package)}" for package in packages]
    account = server_account(os.geteuid())
    found = {"Valkey": find_valkey, "PostgreSQL": find_postgres}
    told += [f"{name} {found[name](account).version}" for name in servers]
    return ", ".join(told)


def machine() -> str:
    """The processor, how many cores, and the load of the last minute."""
    return f"{_processor()}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.2f} at the start"


def placement(cores: Cores | None) -> str:
    """Which core each had."""
    if cores is None:
        return "nothing is pinned: this machine has one core, or is no Linux"
    return f"servers on core {cores.server}, load on core {cores.load}, Valkey on core {cores.store}"


def _processor() -> str:
    if PROCESSORS.exists():
        for line in PROCESSORS.read_text("utf-8").splitlines():
            name, _, told = line.partition(":")
            if name.strip() == "model name":
                return told.strip()
    return platform.processor() or platform.machine()


def lane() -> str:
    """Whether this version of Servery has a fast lane."""
    has = "fast_lane" in Settings.model_fields
    return "on, unless it is said to be off" if has else "this version has none: on and off are the same"
