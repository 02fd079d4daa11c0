"""What an aggregate makes of the values of its rows; those that are not there do not count."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

Number = Fraction | float
Values = Sequence[Any]


def count(values: Values) -> int:
    return len(_there(values))


def distinct(values: Values) -> int:
    return len(set(_there(values)))


def total(values: Values) -> Number | None:
    there = _there(values)
    if not there:
        return None
    return math.fsum(there) if isinstance(there[0], float) else sum(map(Fraction, there), Fraction())


def average(values: Values) -> Number | None:
    return quotient(total(values), Fraction(count(values)))


def smallest(values: Values) -> Any:
    return min(_there(values), default=None)


def largest(values: Values) -> Any:
    return max(_there(values), default=None)


def percentile(part: float) -> Callable[[Values], float | None]:
    """The value at `part` of the way through the sorted values, between two of them where it falls so."""

    def found(values: Values) -> float | None:
        there = sorted(map(float, _there(values)))
        if not there:
            return None
        place = part * (len(there) - 1)
        low, high = there[math.floor(place)], there[math.ceil(place)]
        return low + (high - low) * (place - math.floor(place))

    return found


def quotient(above: Number | None, below: Number | None) -> Number | None:
    return None if above is None or not below else above / below


def difference(left: Number | None, right: Number | None) -> Number | None:
    return None if left is None or right is None else left - right


def _there(values: Values) -> list[Any]:
    return [value for value in values if value is not None]
