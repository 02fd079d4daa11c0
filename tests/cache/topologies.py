"""Servers that belong together: those that Sentinel watches, and a Cluster."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tests.cache.node import Node, fresh_port, until

SLOTS = 16_384
# Short, but not so short that a busy machine is taken for a dead one.
NODE_TIMEOUT_MS = 1_500
DOWN_AFTER_MS = 1_000


class SentinelTrio:
    """A primary, its replica, and sentinels that promote the replica when the primary is gone."""

    service = "mymaster"

    def __init__(self, folder: Path, *, password: str, sentinel_password: str) -> None:
        auth = {"requirepass": password, "masterauth": password, "repl-diskless-sync-delay": "0"}
        self.primary = Node(folder, auth)
        self.replica = Node(folder, {**auth, "replicaof": f"127.0.0.1 {self.primary.port}"})
        self.sentinels = [Node(folder, {"requirepass": sentinel_password}, sentinel=True) for _ in range(3)]
        self._passwords = password, sentinel_password

    @property
    def url(self) -> str:
        password, sentinel_password = self._passwords
        hosts = ",".join(f"127.0.0.1:{each.port}" for each in self.sentinels)
        return f"redis+sentinel://:{password}@{hosts}/{self.service}/0?sentinel_password={sentinel_password}"

    def start(self) -> None:
        self.primary.start()
        self.replica.start()
        until(lambda: b"master_link_status:up" in self._replication(self.replica), "the replica follows")
        for sentinel in self.sentinels:
            sentinel.start()
            # Sentinels also ask one another with the password that they have themselves.
            self._ask_sentinel(sentinel, "CONFIG", "SET", "sentinel-pass", self._passwords[1])
            self.watch(sentinel, self.service, self.primary)
        until(
            lambda: all(map(self._is_ready, self.sentinels)), "the sentinels know each other and the replica"
        )

    def named(self) -> set[int]:
        """The ports of the primary as the sentinels name it: two, while some have not heard of a failover."""
        told = (self._ask_sentinel(each, "GET-MASTER-ADDR-BY-NAME", self.service) for each in self.sentinels)
        return {int(port) for _, port in told}

    def fail_over(self) -> None:
        """What an operator orders; both servers live on, with their parts exchanged."""
        self._ask_sentinel(self.sentinels[0], "FAILOVER", self.service)
        self.until_promoted()
        # The sentinels demote it some seconds later, and close its connections, too.
        self.ask(self.primary, "REPLICAOF", "127.0.0.1", self.replica.port)

    def until_promoted(self) -> None:
        until(lambda: b"role:master" in self._replication(self.replica), "the replica is promoted")
        until(lambda: self.named() == {self.replica.port}, "the sentinels name it")

    def kill(self) -> None:
        for node in (*self.sentinels, self.replica, self.primary):
            node.kill()

    def ask(self, node: Node, *command: Any) -> Any:
        return node.ask(*command, password=self._passwords[0])

    def watch(self, sentinel: Node, service: str, primary: Node) -> None:
        self._ask_sentinel(sentinel, "MONITOR", service, "127.0.0.1", primary.port, 2)
        for name, value in {
            "auth-pass": self._passwords[0],
            "down-after-milliseconds": DOWN_AFTER_MS,
            "failover-timeout": 3_000,
        }.items():
            self._ask_sentinel(sentinel, "SET", service, name, value)

    def _is_ready(self, sentinel: Node) -> bool:
        others = self._ask_sentinel(sentinel, "SENTINELS", self.service)
        replicas = self._ask_sentinel(sentinel, "REPLICAS", self.service)
        return len(others) == len(self.sentinels) - 1 and len(replicas) == 1

    def _ask_sentinel(self, sentinel: Node, *words: Any) -> Any:
        return sentinel.ask("SENTINEL", *words, password=self._passwords[1])

    def _replication(self, node: Node) -> bytes:
        told: bytes = self.ask(node, "INFO", "replication")
        return told


class SixNodes:
    """A Cluster: three primaries with a replica each."""

    def __init__(self, folder: Path, *, password: str) -> None:
        self._password = password
        self.nodes = [
            Node(
                folder,
                {
                    "cluster-enabled": "yes",
                    "cluster-node-timeout": str(NODE_TIMEOUT_MS),
                    "cluster-port": str(fresh_port()),
                    "cluster-replica-validity-factor": "0",
                    "repl-diskless-sync-delay": "0",
                    "requirepass": password,
                    "masterauth": password,
                },
            )
            for _ in range(6)
        ]

    @property
    def primaries(self) -> Sequence[Node]:
        return self.nodes[:3]

    def url(self, *nodes: Node) -> str:
        hosts = ",".join(f"127.0.0.1:{each.port}" for each in nodes or self.nodes[:2])
        return f"redis+cluster://:{self._password}@{hosts}"

    def start(self) -> None:
        for node in self.nodes:
            node.start()
        first, *others = self.nodes
        for node in others:
            self.ask(first, "CLUSTER", "MEET", "127.0.0.1", node.port, int(node.settings["cluster-port"]))
        self._share_slots()
        until(lambda: all(self._knows(node) == len(self.nodes) for node in self.nodes), "all know each other")
        for primary, replica in zip(self.nodes[:3], self.nodes[3:], strict=True):
            follow = partial(self.ask, replica, "CLUSTER", "REPLICATE", self.name_of(primary))
            until(partial(done, follow), "it knows whom to follow")
        until(lambda: all(map(self._is_ready, self.nodes)), "the Cluster is whole")

    def replica_of(self, primary: Node) -> Node:
        return self.nodes[self.nodes.index(primary) + 3]

    def name_of(self, node: Node) -> str:
        name: bytes = self.ask(node, "CLUSTER", "MYID")
        return name.decode()

    def serving(self, key: str) -> Node:
        """The primary that had the slot of `key` at the start."""
        slot = int(self.ask(self.nodes[0], "CLUSTER", "KEYSLOT", key))
        return self.nodes[slot * 3 // SLOTS]

    def until_promoted(self, replica: Node) -> None:
        until(lambda: self.ask(replica, "ROLE")[0] == b"master", "the replica is promoted")

    def until_named(self, primary: Node) -> None:
        """Until all nodes tell that it is one of the primaries."""
        until(lambda: all(primary.port in self._told_by(node) for node in self.nodes), "all tell it")

    def kill(self) -> None:
        for node in self.nodes:
            node.kill()

    def ask(self, node: Node, *command: Any) -> Any:
        return node.ask(*command, password=self._password)

    def _share_slots(self) -> None:
        bounds = [-(-SLOTS * part // 3) for part in range(4)]
        for node, first, end in zip(self.primaries, bounds, bounds[1:], strict=False):
            self.ask(node, "CLUSTER", "ADDSLOTSRANGE", first, end - 1)

    def _knows(self, node: Node) -> int:
        return len(self._rows(node))

    def _is_ready(self, node: Node) -> bool:
        whole = b"cluster_state:ok" in self.ask(node, "CLUSTER", "INFO")
        replicas = [row for row in self._rows(node) if "slave" in row]
        return whole and len(replicas) == 3 and self._follows(node)

    def _told_by(self, node: Node) -> set[int]:
        """The ports of the primaries, as this node tells them."""
        return {primary[1] for _, _, primary, *_ in self.ask(node, "CLUSTER", "SLOTS")}

    def _follows(self, node: Node) -> bool:
        if node in self.primaries:
            return True
        return bool(self.ask(node, "ROLE")[3] == b"connected")

    def _rows(self, node: Node) -> list[str]:
        told: bytes = self.ask(node, "CLUSTER", "NODES")
        return told.decode().splitlines()


def done(command: Callable[[], Any]) -> bool:
    return bool(command() == b"OK")
