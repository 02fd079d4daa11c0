"""Quantities in words: as short as they can be read aloud."""

from typing import Final

_UNITS: Final = (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000))
_SIZES: Final = (("GB", 1024**3), ("MB", 1024**2), ("kB", 1024))


def duration(ms: float) -> str:
    """In its two largest units: 1 h 4 min, 12 s, 0.05 ms."""
    if ms < 1_000:
        return f"{ms:.3g} ms"
    for number, (unit, length) in enumerate(_UNITS):
        if ms >= length:
            whole, rest = divmod(int(ms), length)
            smaller = _UNITS[number + 1 : number + 2]
            parts = [f"{whole} {unit}", *(f"{rest // size} {name}" for name, size in smaller if rest >= size)]
            return " ".join(parts)
    return f"{ms:.3g} ms"


def size(count: int) -> str:
    for unit, length in _SIZES:
        if count >= length:
            return f"{count / length:.1f} {unit}"
    return many(count, "byte")


def many(count: int, what: str, ending: str = "s") -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}{ending}"
