"""What came of one schedule, and of many."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Outcome:
    """What happened in one schedule."""

    reads: int = 0
    hits: int = 0
    orders: int = 0
    failed_orders: int = 0
    turns: int = 0
    late: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Total:
    """Of many schedules. `wrong` are the numbers of those in which a read was late."""

    schedules: int = 0
    wrong: list[int] = field(default_factory=list)
    reads: int = 0
    hits: int = 0
    late: int = 0
    orders: int = 0
    failed_orders: int = 0
    turns: int = 0
    words: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def add(self, seed: int, outcome: Outcome) -> None:
        self.schedules += 1
        self.reads += outcome.reads
        self.hits += outcome.hits
        self.late += len(outcome.late)
        self.orders += outcome.orders
        self.failed_orders += outcome.failed_orders
        self.turns += outcome.turns
        if outcome.late:
            self.wrong.append(seed)
        self.words += [f"schedule {seed}: {words}" for words in outcome.late]
        self.errors += [f"schedule {seed}: {words}" for words in outcome.errors]
