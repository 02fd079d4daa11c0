"""Another client of a Redis: asks PING all the time, and tells how long the answers took.

    python -m bench.pinging PORT

It ends with its standard input, and then writes its milliseconds as JSON.
"""

import json
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Final

_PAUSE: Final = 0.0005


@dataclass(slots=True)
class Pings:
    """Milliseconds; there are none before the client has ended."""

    ms: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return median(self.ms)

    @property
    def most(self) -> float:
        return max(self.ms)


@contextmanager
def pinging(port: int) -> Iterator[Pings]:
    """In a process of its own, for the length of the block."""
    pings = Pings()
    command = [sys.executable, "-m", "bench.pinging", str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it has begun
        yield pings
        told, _ = process.communicate()
    pings.ms = json.loads(told)


def ping(port: int) -> list[float]:
    found = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        sys.stdout.write("pinging\n")
        sys.stdout.flush()
        while not select.select([sys.stdin], [], [], _PAUSE)[0]:
            began = time.perf_counter()
            connection.sendall(b"PING\r\n")
            connection.recv(16)
            found.append((time.perf_counter() - began) * 1000)
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(ping(int(sys.argv[1]))))
