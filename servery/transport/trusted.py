"""The file of trusted documents: {hash: document}, or the manifest that Apollo's tools write."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from graphql import GraphQLError, parse


class TrustedInvalid(ValueError):
    """The file cannot be used. The message says why."""


def trusted_documents(path: Path) -> Mapping[str, str]:
    """By hash, or whatever name the file gives them. Raises TrustedInvalid."""
    try:
        given = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise TrustedInvalid(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise TrustedInvalid(f"{path} is not JSON") from None
    if not isinstance(given, dict):
        raise TrustedInvalid(f"{path} holds no object of documents by their hash")
    manifest = given.get("operations")
    pairs = _of_manifest(path, manifest) if isinstance(manifest, list) else given.items()
    found = dict(_checked(path, pairs))
    if not found:
        raise TrustedInvalid(f"{path} holds no documents")
    return found


def _of_manifest(path: Path, operations: list[Any]) -> Iterator[tuple[Any, Any]]:
    for number, each in enumerate(operations, 1):
        if not isinstance(each, dict):
            raise TrustedInvalid(f"{path}: operation {number} is no object with 'id' and 'body'")
        yield each.get("id"), each.get("body")


def _checked(path: Path, pairs: Iterable[tuple[Any, Any]]) -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    for name, document in pairs:
        if not isinstance(name, str) or not name or not isinstance(document, str):
            raise TrustedInvalid(f"{path}: '{name}' must be the name of a document, and a document a text")
        if seen.setdefault(name, document) != document:
            raise TrustedInvalid(f"{path}: '{name}' stands for two documents")
        try:
            parse(document, no_location=True)
        except GraphQLError:
            raise TrustedInvalid(f"{path}: the document '{name}' is not GraphQL") from None
        yield name, document
