"""A port on which each of several processes listens with a socket of its own.

The system then deals new connections out among them. Of a socket that they share, whoever wakes first takes
all that wait: the connections that a gateway opens at once would lie with one process.
"""

import socket
import sys
from collections.abc import Callable
from typing import Final

DEALS_OUT: Final = sys.platform == "linux"
"""Elsewhere the option means something else, or there is none."""


class SharedPort(socket.socket):
    """Bound, so that no other program gets the port. What is sent to another process is the port alone."""

    def __reduce__(self) -> "tuple[Callable[[str, int], SharedPort], tuple[str, int]]":
        host, port = self.getsockname()[:2]
        return shared_port, (host, port)


def tcp_socket(host: str) -> socket.socket:
    """Not bound yet."""
    return socket.socket(*_kind_of(host))


def _kind_of(host: str) -> tuple[socket.AddressFamily, socket.SocketKind, int]:
    """With its protocol: asyncio sends small pieces at once (TCP_NODELAY) where that is told, and else not.

    The second piece of a response would wait for the client's word that it has the first, which is 40 ms.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return family, socket.SOCK_STREAM, socket.IPPROTO_TCP


def shared_port(host: str, port: int) -> SharedPort:
    """Raises OSError when it cannot be had. 0 takes any."""
    bound = SharedPort(*_kind_of(host))
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound
