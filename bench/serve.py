"""One app in one process, under the uvicorn settings that both sides of a comparison share.

Run by its path with a port; standard input tells which app and its environment, as JSON.
"""

import json
import os
import sys
from pathlib import Path

CHECKOUT = str(Path(__file__).resolve().parents[1])


def main(port: int) -> None:
    """Serve on loopback until told to stop."""
    # Instead of this file's own folder, whose modules have names that others may look for.
    sys.path[0] = CHECKOUT
    told = json.load(sys.stdin)
    os.environ.update(told["environment"])
    if told["workers"]:
        _serve_as_users_do(port, told["workers"])
        return

    import uvicorn  # noqa: PLC0415  the path is only right now

    uvicorn.run(
        told["app"],
        factory=True,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http=told["http"],
        ws="none",
        access_log=False,
        server_header=False,
        log_level="warning",
    )


def _serve_as_users_do(port: int, workers: int) -> None:
    # So that its workers find the rooms, too, wherever this was started.
    os.chdir(CHECKOUT)
    os.environ["PYTHONPATH"] = CHECKOUT
    command = ["-m", "servery", "serve", "--port", str(port), "--workers", str(workers)]
    os.execv(sys.executable, [sys.executable, *command])  # noqa: S606  it is this program


if __name__ == "__main__":
    main(int(sys.argv[1]))
