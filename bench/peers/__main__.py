"""How fast do others answer the same cached rows?

    python -m bench.peers [--seconds 2] [--rounds 5] [--folder FOLDER] [--only-python] [--save FILE]

Those on Node come from npm at the time of the bench, into a temporary folder or the one that is named.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

import orjson
import typer

from bench.cached import QUESTIONS, Cached, cache_answer
from bench.comparison import table_of
from bench.example import Example, example
from bench.faults import NotMeasured
from bench.load import best_generator
from bench.machine import lane, machine, placement, versions
from bench.peers import all as peers
from bench.peers.cube import cube_peer
from bench.peers.npm import fetched, node_in, node_version, versions_in
from bench.peers.peer import Peer, Rows, way_of
from bench.peers.table import make_table
from bench.report import Report
from bench.run import run
from bench.servers import Cores, all_served, cores_of_this_machine, pinned_here, served
from bench.turns import Load, Pace, Way, compared, warm_up
from servery.embedded.errors import EmbeddedError

CONNECTIONS: Final = 32


@dataclass(slots=True)
class Line:
    """Who stands beside whom; `missing` says of those who do not run here why."""

    peers: list[Peer] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)


def measured(home: Path, pace: Pace, folder: Path | None, *, npm: bool) -> list[Report]:
    place, cores = machine(), cores_of_this_machine()
    load, line = Load(best_generator(home), pace), Line()
    with example(home, cores) as data, ExitStack() as stack:
        apps = peers.servery_apps(data)
        servers = stack.enter_context(all_served(apps, home, cores))
        cached = {name: cache_answer(server, QUESTIONS[100]) for name, server in servers.items()}
        rows = peers.graphql_rows(orjson.loads(cached[peers.MEMORY].reply.body))
        make_table(data.database_url, rows)
        start = Place(home, cores, stack)
        for peer in peers.python_peers(data, cached, home):
            start.add(line, peer, rows)
        for peer in peers.servery_peers(apps):
            line.peers.append(peer)
            line.ways.append(way_of(peer, servers[peer.name], rows, peers.PLAIN))
        if npm:
            for peer in _from_npm(line, data, cached[peers.MEMORY], folder or home, home):
                start.add(line, peer, rows)
        with pinned_here(cores.load if cores else None):
            warm_up(line.ways, load)
            found = compared(line.ways, load)
    told = method(line, load, cores, place)
    return [Report("Peers: the same rows out of their caches", told, table_of(("connections",), [found]))]


@dataclass(frozen=True, slots=True)
class Place:
    """Where servers are started."""

    home: Path
    cores: Cores | None
    stack: ExitStack

    def add(self, line: Line, peer: Peer, rows: Rows) -> None:
        """Start it, unless it does not run here."""
        beside = "" if peer.name == peers.PLAIN else peers.PLAIN
        with ExitStack() as own:
            try:
                server = own.enter_context(served(peer.app, self.home, self.cores))
                line.ways.append(way_of(peer, server, rows, beside))
            except (EmbeddedError, NotMeasured) as fault:
                line.missing[peer.name] = " ".join(str(fault).split())
                return
            line.peers.append(peer)
            self.stack.push(own.pop_all())


def _from_npm(line: Line, data: Example, cached: Cached, folder: Path, home: Path) -> Sequence[Peer]:
    found: list[Peer] = []
    try:
        place = fetched("node", folder)
        node = node_in(place)
        line.versions |= {"Node": node_version(node), **versions_in(place)}
        found += peers.node_peers(data, cached, node, place, home)
        place = fetched("cube", folder)
        line.versions |= versions_in(place)
        found.append(cube_peer(data, node, place))
    except NotMeasured as fault:
        line.missing["Cube" if found else "those from npm"] = str(fault)
    return found


def method(line: Line, load: Load, cores: Cores | None, place: str) -> dict[str, str]:
    """What a reader must know to judge the figures."""
    sizes = {way.name: len(way.target.answer) for way in line.ways}
    told = {f"{peer.name} ({sizes[peer.name]:,} bytes)": peer.note for peer in line.peers}
    missing = {f"{name} (not measured)": why for name, why in line.missing.items()}
    npm = "".join(f", {name} {version}" for name, version in line.versions.items())
    return {
        **told,
        **missing,
        "rows": "100 of five columns, the same in every answer; compared before anything is timed, numbers "
        "to eight digits",
        "fast lane": lane(),
        "rounds": f"{load.pace.rounds}, of {load.pace.seconds} s for each, in turn; medians",
        "load": f"{load.generator.name}; {placement(cores)}; each server has one process, and PostgreSQL is "
        "not pinned",
        "versions": versions() + npm,
        "machine": place,
    }


def main(
    seconds: Annotated[int, typer.Option(help="How long each measurement takes.", min=1)] = 2,
    rounds: Annotated[int, typer.Option(help="How often each is repeated.", min=1)] = 5,
    folder: Annotated[Path | None, typer.Option(help="Keep what comes from npm there.")] = None,
    save: Annotated[Path | None, typer.Option(help="Write the report to this file, as Markdown.")] = None,
    *,
    only_python: Annotated[bool, typer.Option(help="Leave out those that come from npm.")] = False,
) -> None:
    """Measure peers beside Servery."""
    pace = Pace(seconds, rounds, (CONNECTIONS,))
    ways = 7 if only_python else 13
    run(
        lambda home: measured(home, pace, folder, npm=not only_python),
        save,
        pace.lasts(ways) + (40 if only_python else 120),
    )


if __name__ == "__main__":
    typer.run(main)
