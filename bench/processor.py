"""What the processor does for one PostgreSQL connection, its parallel workers included."""

from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class BackendTime:
    """The backend's own time, and that of its server's workers that have ended: nobody else may have any."""

    backend: psutil.Process
    server: psutil.Process

    @classmethod
    def of(cls, pid: int) -> "BackendTime | None":
        """None where the backend is no process of this machine."""
        try:
            backend = psutil.Process(pid)
            server = backend.parent()
            return cls(backend, server) if server and "postgres" in backend.name() else None
        except psutil.Error:
            return None

    def seconds(self) -> float:
        """Since the start, to a hundredth or so."""
        own, others = self.backend.cpu_times(), self.server.cpu_times()
        return float(own.user + own.system + others.children_user + others.children_system)
