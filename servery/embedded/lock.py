"""One owner per home: a lock that the kernel gives back when its owner dies."""

import fcntl
import os
from pathlib import Path

from servery.embedded.errors import HomeInUseError


class HomeLock:
    """Held from `take` to `release`, or until the process ends."""

    def __init__(self, path: Path, what: str) -> None:
        self._path = path
        self._what = what
        self._descriptor = -1

    def take(self) -> None:
        """Take the lock, or raise HomeInUseError naming its owner. Taking it twice does nothing."""
        if self._descriptor >= 0:
            return
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise self._in_use(descriptor) from None
        except BaseException:
            os.close(descriptor)
            raise
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back. The file stays: removing it would let two owners in."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _in_use(self, descriptor: int) -> HomeInUseError:
        owner = os.read(descriptor, 32).decode("ascii", "replace") or "unknown"
        os.close(descriptor)
        return HomeInUseError(
            f"The {self._what} in {self._path.parent} is in use by process {owner}.",
            f"Stop that process (kill {owner}), or choose another home: SERVERY_HOME=/another/directory.",
        )
