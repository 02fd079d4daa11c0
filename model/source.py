"""A YAML text as plain data, with the line of every key."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from model.faults import ModelFault

Path = tuple[str | int, ...]


class _Loader(yaml.SafeLoader):
    """YAML 1.1 reads `on` and `no` as booleans and 2024-01-01 as a date; here they are words."""


_KEPT = {"tag:yaml.org,2002:null", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in _KEPT]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _word in ("true", "false"):
    _Loader.yaml_implicit_resolvers.setdefault(_word[0], []).append(
        ("tag:yaml.org,2002:bool", re.compile(rf"^{_word}$")),
    )


@dataclass(frozen=True, slots=True)
class Source:
    """`tree` is the data; `lines` tells where the key or item at a path stands."""

    file: str
    tree: Any
    lines: Mapping[Path, int]
    faults: tuple[ModelFault, ...] = ()

    def line(self, path: Path) -> int:
        """Of the path itself, or of the nearest thing around it that was written down."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_source(text: str, file: str) -> Source:
    """Never raises: what is wrong stands in `faults`, and `tree` is then what could be read."""
    loader = _Loader(text)
    reader = _Reader(loader, file)
    try:
        node = loader.get_single_node()
        tree = reader.build(node, ()) if node else {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        reader.faults.append(ModelFault(f"This is not YAML: {error.problem}.", "", file, line))
        tree = {}
    finally:
        loader.dispose()
    return Source(file, tree, reader.lines, tuple(reader.faults))


class _Reader:
    """Builds plain data from nodes and writes down lines and faults on the way."""

    def __init__(self, loader: _Loader, file: str) -> None:
        self._loader = loader
        self._file = file
        self.lines: dict[Path, int] = {(): 1}
        self.faults: list[ModelFault] = []

    def build(self, node: yaml.Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        match node:
            case yaml.SequenceNode(value=items):
                return [self.build(item, (*path, index)) for index, item in enumerate(items)]
            case yaml.MappingNode(value=pairs):
                return self._mapping(pairs, path)
            case _:
                return self._loader.construct_object(node)

    def _mapping(self, pairs: list[tuple[yaml.Node, yaml.Node]], path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in pairs:
            key = str(self._loader.construct_object(key_node))
            line = key_node.start_mark.line + 1
            if key in found:
                hint = f"It stands in line {self.lines[*path, key]} too."
                self.faults.append(ModelFault(f"'{key}' is here twice.", hint, self._file, line))
            self.lines[*path, key] = line
            found[key] = self.build(value_node, (*path, key))
        return found
