"""The arithmetic of comparisons, and how they are shown."""

from io import StringIO
from typing import Final

import pytest
from rich.console import Console

from bench.comparison import Comparison, Measurement, table_of
from bench.load import percentile
from bench.report import Report, markdown, show

PLAIN: Final = (Measurement(1000, 0.5, 1.0, 30), Measurement(2000, 0.25, 1.0, 40))
TWO_ROUNDS: Final = Comparison(
    ("100", "8"),
    "Servery",
    (Measurement(100, 2.0, 4.0, 900), Measurement(300, 1.0, 2.0, 800)),
    "plain ASGI",
    PLAIN,
)
HEADER: Final = (
    "| rows | connections | server | requests/s | p50 ms | p99 ms | CPU µs/request "
    "| beside | ratio | at least | at most | p99 ratio | CPU ratio |"
)
ALONE: Final = Comparison(("100", "8"), "plain ASGI", PLAIN)


def test_ratios_are_taken_round_by_round() -> None:
    ratio = TWO_ROUNDS.ratio("requests/s")

    assert (ratio.median, ratio.least, ratio.most) == (0.125, 0.1, 0.15)


def test_the_report_shows_medians_and_the_spread_of_ratios() -> None:
    report = Report("Title", {"load": "wrk"}, table_of(("rows", "connections"), [[ALONE, TWO_ROUNDS]]))

    lines = markdown(report).splitlines()

    assert lines == [
        "**Title**",
        "",
        HEADER,
        "| ---: | ---: | --- | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |",
        "| 100 | 8 | plain ASGI | 1,500 | 0.375 | 1 | 35 |  |  |  |  |  |  |",
        "| 100 | 8 | Servery | 200 | 1.5 | 3 | 850 | plain ASGI | 0.125 | 0.1 | 0.15 | 3 | 25 |",
        "",
        "- load: wrk",
    ]


def test_the_terminal_shows_the_same_figures() -> None:
    console = Console(record=True, width=220, file=StringIO())

    show(Report("Title", {"load": "wrk [own]"}, table_of(("rows", "connections"), [[TWO_ROUNDS]])), console)

    told = console.export_text()
    assert "load: wrk [own]" in told
    assert all(word in told for word in ("Title", "plain ASGI", "850", "0.125"))


@pytest.mark.parametrize(("percent", "expected"), [(50, 2.0), (75, 3.0), (99, 4.0)])
def test_a_percentile_is_one_of_the_values(percent: int, expected: float) -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], percent) == expected
    assert percentile([], percent) == 0
