"""A model file, or a folder of them, becomes a Model; every fault is found in one go."""

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from model.build import build_model
from model.faults import ModelFault, ModelInvalid, did_you_mean, similar
from model.file import DimensionShape, JoinShape, MetricShape, ModelShape, TableShape
from model.model import Model
from model.source import Path, Source, read_source

MERGED = ("tables", "metrics", "functions")


def load_model(path: FilePath) -> Model:
    """Read `path`, a YAML file or a folder of `*.yml` and `*.yaml` files that are parts of one model.

    Raises ModelInvalid with every fault, each with file, line and hint.
    """
    files = sorted(f for end in ("*.yml", "*.yaml") for f in path.glob(end)) if path.is_dir() else [path]
    if not files:
        raise ModelInvalid((ModelFault(f"There is no *.yml file in {path}.", "Put the model there."),))
    try:
        texts = [(str(file), file.read_text(encoding="utf-8")) for file in files]
    except (OSError, UnicodeDecodeError) as error:
        raise ModelInvalid(
            (ModelFault(f"The model cannot be read: {error}.", "Is the path right?"),)
        ) from None
    return model_of_texts(texts)


def model_of_text(text: str, file: str = "model.yml") -> Model:
    """The same for a text at hand. Raises ModelInvalid."""
    return model_of_texts([(file, text)])


def model_of_texts(texts: list[tuple[str, str]]) -> Model:
    """The same for the parts of one model. Raises ModelInvalid."""
    sources = [read_source(text, file) for file, text in texts]
    tree, places, faults = _merged(sources)
    faults += [fault for source in sources for fault in source.faults]
    try:
        shape = ModelShape.model_validate(tree)
    except ValidationError as error:
        faults += [_fault(details, places) for details in error.errors()]
        raise ModelInvalid(_in_order(faults)) from None
    model, more = build_model(shape)
    faults += [places.fault(path, message, hint) for path, message, hint in more]
    if faults:
        raise ModelInvalid(_in_order(faults))
    return model


class _Places:
    """Where the things of a merged model stand."""

    def __init__(self, sources: list[Source]) -> None:
        self._sources = sources

    def fault(self, path: Path, message: str, hint: str) -> ModelFault:
        source = next((s for s in self._sources if path[:2] in s.lines), self._sources[0])
        return ModelFault(message, hint, source.file, source.line(path))


def _merged(sources: list[Source]) -> tuple[dict[str, Any], _Places, list[ModelFault]]:
    tree: dict[str, Any] = {}
    faults: list[ModelFault] = []
    for source in sources:
        if not isinstance(source.tree, dict):
            faults.append(ModelFault("A model is a mapping with 'tables:'.", "", source.file, 1))
            continue
        for key, value in source.tree.items():
            faults += _merge(tree, key, value, source)
    return tree, _Places(sources), faults


def _merge(tree: dict[str, Any], key: str, value: Any, source: Source) -> Iterator[ModelFault]:
    if key not in tree:
        tree[key] = value
    elif key in MERGED and isinstance(value, dict) and isinstance(tree[key], dict):
        for name in sorted(value.keys() & tree[key].keys()):
            line = source.line((key, name))
            yield ModelFault(f"'{name}' is declared in another file too.", "Keep one.", source.file, line)
        tree[key] = {**tree[key], **value}
    elif key in MERGED and isinstance(value, list) and isinstance(tree[key], list):
        tree[key] = [*tree[key], *value]
    else:
        hint = "Only tables, metrics and functions may be spread over files."
        yield ModelFault(f"'{key}' is set in another file too.", hint, source.file, source.line((key,)))


def _in_order(faults: list[ModelFault]) -> tuple[ModelFault, ...]:
    return tuple(sorted(faults, key=lambda fault: (fault.file, fault.line)))


def _fault(details: ErrorDetails, places: _Places) -> ModelFault:
    path = tuple(step for step in details["loc"] if step != "[key]")
    name = str(path[-1]) if path else ""
    match details["type"]:
        case "extra_forbidden":
            known = _keys_at(path[:-1])
            hint = did_you_mean(similar(name, known)).strip() or f"Known here: {', '.join(known)}."
            return places.fault(path, f"There is no key '{name}' here.", hint)
        case "missing":
            return places.fault(path[:-1], f"'{name}' is missing.", "")
        case "string_pattern_mismatch":
            hint = "Names are snake_case: small letters, digits and single underscores, a letter first."
            return places.fault(path, f"'{details['input']}' cannot be a name.", hint)
        case _:
            what = f"'{details['input']}' is not right for '{name}': {details['msg']}."
            return places.fault(path, what, "")


def _keys_at(path: Path) -> list[str]:
    """The keys that may stand in the mapping at `path`."""
    shape: Any = ModelShape
    match [step for step in path if isinstance(step, str)]:
        case ["tables", _]:
            shape = TableShape
        case ["tables", _, "joins", _]:
            shape = JoinShape
        case ["tables", _, "dimensions", _]:
            shape = DimensionShape
        case ["tables", _, "metrics", _] | ["metrics", _]:
            shape = MetricShape
    return list(shape.model_fields)
