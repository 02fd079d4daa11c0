"""A YAML text as plain data, with the line of every key."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from model.faults import ModelFault

Path = tuple[str | int, ...]

DEEPEST = 40
MOST_NODES = 100_000
"""A model is flat and small; these stop texts that grow without end when their anchors are followed."""

_TAG = "tag:yaml.org,2002:"
_PATTERNS = {
    "null": r"^(?:~|null|)$",
    "bool": r"^(?:true|false)$",
    "int": r"^[-+]?(?:0|[1-9][0-9]{0,17})$",
    "float": r"^[-+]?(?:0|[1-9][0-9]{0,17})?\.[0-9]{1,17}$",
}
_READ: dict[str, Callable[[str], Any]] = {
    f"{_TAG}str": str,
    f"{_TAG}null": lambda _: None,
    f"{_TAG}bool": {"true": True, "false": False}.__getitem__,
    f"{_TAG}int": int,
    f"{_TAG}float": float,
}


class _Loader(yaml.SafeLoader):
    """YAML 1.1 reads `on` as a boolean, 2024-01-01 as a date, 12:30 as a number; here they are words."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise yaml.MarkedYAMLError(None, None, "the nesting is too deep", self.get_mark())
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


_Loader.yaml_implicit_resolvers = {
    None: [(f"{_TAG}{name}", re.compile(pattern)) for name, pattern in _PATTERNS.items()],
}


@dataclass(frozen=True, slots=True)
class Source:
    """`tree` is the data, or nothing when it cannot be read; `lines` tells where a key or item stands."""

    file: str
    tree: Mapping[str, Any] | None
    lines: Mapping[Path, int]
    faults: tuple[ModelFault, ...] = ()

    def line(self, path: Path) -> int:
        """Of the path itself, or of the nearest thing around it that was written down."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_source(text: str, file: str) -> Source:
    """Never raises: what is wrong stands in `faults`."""
    reader = _Reader(file)
    tree: Any = None
    try:
        tree = reader.read(text)
    except yaml.MarkedYAMLError as error:
        reader.find(f"This is not YAML: {_problem(error)}.", "", _line(error))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        reader.find(f"This is not YAML: {chr(error.character)!a} may not stand in it.", "", line)
    if tree is not None and not isinstance(tree, dict):
        reader.find("A model is a mapping.", "Begin with 'tables:'.", 1)
        tree = None
    return Source(file, tree, reader.lines, tuple(reader.faults))


def _problem(error: yaml.MarkedYAMLError) -> str:
    return ", ".join(part for part in (error.context, error.problem) if part)


def _line(error: yaml.MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return mark.line + 1 if mark else 1


class _Reader:
    """Builds plain data from nodes and writes down lines and faults on the way."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._nodes = 0
        self.lines: dict[Path, int] = {(): 1}
        self.faults: list[ModelFault] = []

    def find(self, message: str, hint: str, line: int) -> None:
        self.faults.append(ModelFault(message, hint, self._file, line))

    def read(self, text: str) -> Any:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
        except ValueError:
            # An escape such as "\UFFFFFFFF" is a number that is no character.
            mark = loader.get_mark()
            raise yaml.MarkedYAMLError(None, None, "an escape is not a character", mark) from None
        finally:
            loader.dispose()
        tree = self._build(node, ()) if node else None
        return {} if tree is None else tree

    def _build(self, node: yaml.Node, path: Path) -> Any:
        self._nodes += 1
        if self._nodes > MOST_NODES or len(path) > DEEPEST:
            problem = "its anchors make it grow without end"
            raise yaml.MarkedYAMLError(None, None, problem, node.start_mark)
        self.lines.setdefault(path, node.start_mark.line + 1)
        match node:
            case yaml.SequenceNode(tag="tag:yaml.org,2002:seq", value=items):
                return [self._build(item, (*path, index)) for index, item in enumerate(items)]
            case yaml.MappingNode(tag="tag:yaml.org,2002:map", value=pairs):
                return self._mapping(pairs, path)
            case yaml.ScalarNode():
                return self._scalar(node)
            case _:
                raise _strange_tag(node)

    def _mapping(self, pairs: list[tuple[yaml.Node, yaml.Node]], path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in pairs:
            line = key_node.start_mark.line + 1
            key = str(key_node.value)
            if not isinstance(key_node, yaml.ScalarNode):
                self.find("A key is one word, not a list or mapping.", "", line)
                continue
            if key == "<<":
                self.find("'<<' does not merge here.", "Write the keys out.", line)
                continue
            if key in found:
                self.find(f"'{key}' is here twice.", f"It stands in line {self.lines[*path, key]} too.", line)
            self.lines[*path, key] = line
            found[key] = self._build(value_node, (*path, key))
        return found

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        text = str(node.value)
        if "\0" in text or not _is_unicode(text):
            self.find(f"{text!a} holds what is not text in PostgreSQL.", "", node.start_mark.line + 1)
            return ""
        try:
            return _READ[node.tag](text)
        except (KeyError, ValueError):
            raise _strange_tag(node) from None


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= mark <= "\udfff" for mark in text)


def _strange_tag(node: yaml.Node) -> yaml.MarkedYAMLError:
    tag = str(node.tag).replace(_TAG, "!!")
    return yaml.MarkedYAMLError(None, None, f"the tag {tag} does not fit here", node.start_mark)
