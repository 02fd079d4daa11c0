"""A model file, or a folder of them, becomes a Model; every fault is found in one go."""

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from model.build import build_model
from model.faults import ModelFault, ModelInvalid
from model.file import ModelShape
from model.misfits import Finding, misfit
from model.model import Model
from model.source import Path, Source, read_source

MERGED = ("tables", "metrics")


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
            (
                ModelFault(
                    f"The model cannot be read: {error}.",
                    "Is the path right? It comes from --model or SERVERY_MODEL.",
                ),
            )
        ) from None
    return model_of_texts(texts)


def model_of_text(text: str, file: str = "model.yml") -> Model:
    """The same for a text at hand. Raises ModelInvalid."""
    return model_of_texts([(file, text)])


def model_of_texts(texts: list[tuple[str, str]]) -> Model:
    """The same for the parts of one model. Raises ModelInvalid."""
    sources = [read_source(text, file) for file, text in texts]
    faults = [fault for source in sources for fault in source.faults]
    tree, more = _merged(sources)
    if any(source.tree is None for source in sources):
        raise ModelInvalid(_in_order(faults))
    model, findings = _built(tree)
    faults += more
    faults += [_fault(sources, finding) for finding in findings]
    if faults or model is None:
        raise ModelInvalid(_in_order(faults))
    return model


def _built(tree: dict[str, Any]) -> tuple[Model | None, list[Finding]]:
    try:
        shape = ModelShape.model_validate(tree)
    except ValidationError as error:
        return None, [misfit(details) for details in error.errors()]
    return build_model(shape)


def _fault(sources: list[Source], finding: Finding) -> ModelFault:
    """Where it stands: in the file that has the most of its path, the first when several do."""
    path, message, hint = finding
    source = max(sources, key=lambda each: _steps_found(each, path))
    return ModelFault(message, hint, source.file, source.line(path))


def _steps_found(source: Source, path: Path) -> int:
    return max(length for length in range(len(path) + 1) if path[:length] in source.lines)


def _merged(sources: list[Source]) -> tuple[dict[str, Any], list[ModelFault]]:
    tree: dict[str, Any] = {}
    faults: list[ModelFault] = []
    for source in sources:
        for key, value in (source.tree or {}).items():
            faults += _merge(tree, key, value, source)
    return tree, faults


def _merge(tree: dict[str, Any], key: str, value: Any, source: Source) -> Iterator[ModelFault]:
    if key not in tree:
        tree[key] = value
    elif key in MERGED and isinstance(value, dict) and isinstance(tree[key], dict):
        for name in sorted(value.keys() & tree[key].keys()):
            line = source.line((key, name))
            yield ModelFault(f"'{name}' is declared in another file too.", "Keep one.", source.file, line)
        tree[key] = {**tree[key], **value, **tree[key]}
    else:
        hint = "Only tables and metrics may be spread over files."
        yield ModelFault(f"'{key}' is set in another file too.", hint, source.file, source.line((key,)))


def _in_order(faults: list[ModelFault]) -> tuple[ModelFault, ...]:
    return tuple(sorted(faults, key=lambda fault: (fault.file, fault.line)))
