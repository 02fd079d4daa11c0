"""How much one question may ask for."""

from dataclasses import dataclass

from model.faults import Fault


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts of rows, of values in a list, of names, and of conditions in a filter."""

    rows: int = 10_000
    offset: int = 1_000_000
    values: int = 1_000
    names: int = 50
    conditions: int = 200

    def check(self, what: str, asked: int, most: int) -> None:
        """Raises LIMIT_EXCEEDED when `asked` is over `most`."""
        if asked > most:
            message = f"{what} is {asked}, and the most is {most}. Ask for less, or in several questions."
            raise Fault("LIMIT_EXCEEDED", message, max=most, asked=asked)
