"""How fast this machine is at this time: what a plain app uses of the processor to send the same bytes.

A shared machine may be half as fast as an hour ago, so a time is told beside one of its own round.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.faults import NotMeasured
from bench.load import Target, best_generator
from bench.servers import Cores, Server, plain_app, post, served

PLAIN: Final = "plain ASGI, same bytes"
CONNECTIONS: Final = 32


@contextmanager
def yardstick(
    server: Server, question: bytes, folder: Path, cores: Cores | None
) -> Iterator[Callable[[], float]]:
    """A plain app with the answer of `server`; each call tells the seconds that it uses for one request.

    That raises NotMeasured when an answer is not the right one.
    """
    reply, generator = post(server.port, question), best_generator(folder)
    with served(plain_app(reply, folder, PLAIN), folder, cores) as plain:
        target = Target(plain.port, question, reply.body)

        def used() -> float:
            before = cpu_seconds(plain)
            sample = generator.drive(target, CONNECTIONS, 1, roughly=True)
            if sample.wrong or not sample.requests:
                raise NotMeasured(f"{PLAIN}: {sample.wrong} wrong answers beside {sample.requests}.")
            return (cpu_seconds(plain) - before) / sample.requests

        yield used


def cpu_seconds(server: Server) -> float:
    """To the microsecond where the system tells it, else to a hundredth of a second."""
    tasks = list(Path(f"/proc/{server.pid}/task").glob("*/schedstat"))
    if not tasks:
        return server.cpu_seconds()
    return sum(int(task.read_text("utf-8").split()[0]) for task in tasks) / 1e9
