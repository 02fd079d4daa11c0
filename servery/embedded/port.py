"""A free port on loopback."""

import socket

HOST = "127.0.0.1"


def free_port() -> int:
    """A port that nothing listens on now; it may be taken before the server binds it."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port
