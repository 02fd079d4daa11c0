"""Tells findings to a person: one sentence each, with its place, what to do, and SQL that can be copied."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from servery.check.finding import Finding, Severity
from servery.check.places import Places

COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.ADVICE: "cyan"}
NOUNS = {
    Severity.ERROR: ("error", "errors"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.ADVICE: ("piece of advice", "pieces of advice"),
}


def tell(findings: Sequence[Finding], places: Places, console: Console) -> None:
    """Lines are never broken, so that a place can be clicked and SQL be copied."""
    for finding in findings:
        console.print(_sentence(finding, *places.where(finding.path)), soft_wrap=True)
        for line in finding.sql.splitlines():
            console.print(Text(f"    {line}"), soft_wrap=True)
    console.print(Text(summary(findings)), soft_wrap=True)


def _sentence(finding: Finding, file: str, line: int) -> Text:
    words = f" {finding.remedy}" if finding.remedy else ""
    return Text.assemble(
        (f"{file}:{line}: ", "dim"),
        (f"{finding.severity}: ", COLOURS[finding.severity]),
        f"{finding.message}{words}",
    )


def summary(findings: Iterable[Finding]) -> str:
    """How many of each kind there are."""
    kinds = [finding.severity for finding in findings]
    counts = [(kinds.count(kind), *NOUNS[kind]) for kind in Severity]
    told = [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]
    if Severity.ERROR in kinds:
        return f"The model does not fit the database: {', '.join(told)}."
    return f"The model fits the database{': ' + ', '.join(told) if told else ''}."
