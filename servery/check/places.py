"""Where in the files of a model a finding stands."""

from collections.abc import Sequence
from pathlib import Path as FilePath

from model.source import Path, Source, read_source


class Places:
    """Knows the line of every key of a model that could be loaded."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = tuple(sources)

    @classmethod
    def of(cls, path: FilePath) -> "Places":
        """Of a model file, or of a folder of them."""
        ends = ("*.yml", "*.yaml")
        files = sorted(file for end in ends for file in path.glob(end)) if path.is_dir() else [path]
        return cls([read_source(file.read_text(encoding="utf-8"), str(file)) for file in files])

    def where(self, path: Path) -> tuple[str, int]:
        """File and line of the key, or of the nearest thing around it that is written down."""
        for known in _outwards(path):
            for source in self._sources:
                line = source.lines.get(known) or _line_of_end(source, known)
                if line:
                    return source.file, line
        return self._sources[0].file, 1


def _outwards(path: Path) -> list[Path]:
    return [path[:length] for length in range(len(path), 0, -1)]


def _line_of_end(source: Source, path: Path) -> int | None:
    """A metric over other metrics may be declared in any table."""
    if len(path) != 2 or path[0] != "metrics":
        return None
    return next((line for known, line in source.lines.items() if known[-2:] == path), None)
