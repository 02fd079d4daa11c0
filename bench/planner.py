"""What does it cost to plan a question and to write its SQL?

    python -m bench.planner [--rounds 30] [--save FILE]

Neither a database nor a cache is needed: the time is the processor's, of this process alone.
"""

import gc
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated, Final

import typer
from rich.console import Console

from bench.comparison import Ratio
from bench.faults import NotMeasured
from bench.machine import machine, versions
from bench.questions import queries_in, typical_folder
from bench.report import Cells, Report, Table, markdown, short, show
from model.load import load_model
from model.model import Model
from model.query import Query
from model.viewer import ANONYMOUS
from plan.limits import Limits
from plan.plan import make_plan
from plan.sql import render
from servery.demo.run import example_model

BUDGET_MS: Final = 2.0
UPDATES: Final = 4_000
TIMES: Final = 5
"""So often a question is planned for one measurement: the clock of a process is coarse."""

PACKAGES: Final = ("sqlglot",)


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds, and those of the yardstick, in the same rounds."""

    plan: tuple[float, ...]
    sql: tuple[float, ...]
    yardstick: tuple[float, ...]

    @property
    def total_ms(self) -> float:
        return median(map(sum, zip(self.plan, self.sql, strict=True)))

    @property
    def ratio(self) -> Ratio:
        """To the yardstick, so that two machines can be compared."""
        total = [plan + sql for plan, sql in zip(self.plan, self.sql, strict=True)]
        return Ratio.of(total, self.yardstick)


def measure(model: Model, queries: Mapping[str, Query], rounds: int) -> dict[str, Cost]:
    """Every question once in each round, beside the yardstick of that round."""
    for query in queries.values():
        render(model, make_plan(model, query, ANONYMOUS, Limits()))
    # What was loaded for it stays out of the collections that planning itself leads to.
    gc.collect()
    gc.freeze()
    try:
        taken = [_round(model, queries) for _ in range(rounds)]
    finally:
        gc.unfreeze()
    return {name: Cost(*zip(*(each[name] for each in taken), strict=True)) for name in queries}


def yardstick() -> None:
    """Plain work of the interpreter, the same on every run."""
    digest = hashlib.md5(usedforsecurity=False)
    for number in range(UPDATES):
        digest.update(str(number).encode())


def _round(model: Model, queries: Mapping[str, Query]) -> dict[str, tuple[float, float, float]]:
    length = _cpu_ms(yardstick)
    found = {}
    for name, query in queries.items():
        plan = make_plan(model, query, ANONYMOUS, Limits())
        planned = _cpu_ms(partial(make_plan, model, query, ANONYMOUS, Limits()))
        written = _cpu_ms(partial(render, model, plan))
        found[name] = (planned, written, length)
    return found


def _cpu_ms(work: Callable[[], object]) -> float:
    before = time.process_time()
    for _ in range(TIMES):
        work()
    return (time.process_time() - before) * 1000 / TIMES


def table_of(costs: Mapping[str, Cost]) -> Table:
    header = ("question", "plan ms", "SQL ms", "both ms", "to the yardstick")
    rows = tuple(_row(name, cost) for name, cost in costs.items())
    return Table(header, (rows, tuple(_summary(costs))), frozenset({"question"}))


def _row(name: str, cost: Cost) -> Cells:
    parts = (median(cost.plan), median(cost.sql), cost.total_ms, cost.ratio.median)
    return (name, *map(short, parts))


def _summary(costs: Mapping[str, Cost]) -> Iterator[Cells]:
    typical = median(cost.total_ms for cost in costs.values())
    beside = median(cost.ratio.median for cost in costs.values())
    yield ("the median question", "", "", short(typical), short(beside))
    yield ("the yardstick", "", "", short(median(next(iter(costs.values())).yardstick)), "1")


def method(costs: Mapping[str, Cost], folder: Path, rounds: int, place: str) -> dict[str, str]:
    """What a reader must know to judge the figures; `place` is the machine as it was at the start."""
    within = sum(cost.total_ms < BUDGET_MS for cost in costs.values())
    return {
        "budget": f"{within} of {len(costs)} questions take less than {BUDGET_MS:g} ms, the budget of a "
        "typical one",
        "questions": f"{folder.parent.name}/{folder.name}/*.graphql; reading the GraphQL is not measured",
        "time": "the processor's, of this process alone, medians",
        "rounds": f"{rounds}, with every question {TIMES} times in each",
        "yardstick": f"{UPDATES:,} small updates of an MD5 digest, in the same rounds",
        "versions": versions(PACKAGES, ()),
        "machine": place,
    }


def main(
    rounds: Annotated[int, typer.Option(help="How often each question is measured.", min=1)] = 30,
    save: Annotated[Path | None, typer.Option(help="Write the report to this file, as Markdown.")] = None,
) -> None:
    """Measure planning and the writing of SQL for the questions of the example."""
    place, folder = machine(), typical_folder()
    model = load_model(example_model())
    try:
        costs = measure(model, queries_in(folder, model), rounds)
    except NotMeasured as error:
        typer.echo(f"Not measured: {error}", err=True)
        raise typer.Exit(1) from None
    told = method(costs, folder, rounds, place)
    report = Report("Planning a question", told, table_of(costs))
    show(report, Console())
    if save:
        save.write_text(markdown(report), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
