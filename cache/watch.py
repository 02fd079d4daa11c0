"""One connection that listens to one server."""

from collections.abc import Callable

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ResponseError

from cache.inbox import Inbox
from cache.patience import patience
from cache.wire import on_invalidation, told_by

Changed = Callable[[str | None], None]
Clock = Callable[[], float]


class Watch:
    """`run_id` is the server's. `told` says whether it tells of changes; `refusal` why it does not."""

    def __init__(
        self, connection: AbstractConnection, prefix: str, changed: Changed, inbox: type[Inbox] = Inbox
    ) -> None:
        self._connection = connection
        self._prefix = prefix
        self._start = prefix.encode()
        self._changed = changed
        self.run_id = ""
        self.told = False
        self.refusal = ""
        self.confirmed = float("-inf")
        self._kind = inbox
        self._inbox: Inbox | None = None
        self.is_heard: Callable[[], bool] = lambda: False
        """Whether all that the server has sent is known by now."""

    async def open(self, clock: Clock) -> None:
        """Connect, learn who answers, ask to be told. Raises RedisError or OSError."""
        sent = clock()
        await self._connection.connect()  # type: ignore[no-untyped-call]
        self._inbox = self._kind(self._connection, lambda message: self._on_push(message[1]))
        self.is_heard = self._inbox.is_heard
        on_invalidation(self._connection, self._on_push)
        self.run_id = await told_by(self._connection, "server", "run_id")
        try:
            await self._ask("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", self._prefix)
        except ResponseError as refusal:  # an account without the right, a server without the command
            self.refusal = str(refusal)
        else:
            self.told = True
        self.confirmed = sent

    async def listen(self, beat: float, lease: float, clock: Clock) -> None:
        """Until the connection breaks or a PING is not answered within a lease: then it raises."""
        while True:
            sent = clock()
            with patience(lease):
                await self._ask("PING")
            self.confirmed = sent
            await self._pushes(sent + beat, clock)

    async def close(self) -> None:
        if self._inbox:
            self._inbox.close()
        await self._connection.disconnect(nowait=True)

    async def _pushes(self, until: float, clock: Clock) -> None:
        while (left := until - clock()) > 0:
            await self._connection.read_response(timeout=left, push_request=True)

    async def _ask(self, *command: str) -> object:
        await self._connection.send_command(*command)
        # One message at a time, each of which is None here: left to itself, the library would go one call
        # deeper for each that came before the reply.
        while (reply := await self._connection.read_response(push_request=True)) is None:
            pass
        return reply

    def _on_push(self, names: object) -> None:
        """What is no list of our names was garbled on its way: then anything may have changed."""
        told = names if isinstance(names, list) else []
        known = [name for name in told if isinstance(name, bytes) and name.startswith(self._start)]
        if not known or len(known) < len(told):
            self._changed(None)
            return
        for name in known:
            self._changed(name.decode(errors="replace").removeprefix(self._prefix))
