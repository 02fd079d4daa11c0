"""The file of trusted documents: both forms are read, and every fault is a sentence."""

import json
from pathlib import Path
from typing import Any

import pytest

from servery.transport.trusted import TrustedInvalid, trusted_documents


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "trusted.json"


def written(file: Path, content: Any) -> Path:
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return file


def test_documents_are_read_by_their_hash(file: Path) -> None:
    assert trusted_documents(written(file, {"abc": "{ a }"})) == {"abc": "{ a }"}


def test_apollos_manifest_is_read(file: Path) -> None:
    operation = {"id": "abc", "name": "A", "type": "query", "body": "query A { a }"}
    manifest = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [operation]}

    assert trusted_documents(written(file, manifest)) == {"abc": "query A { a }"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ([], "holds no object"),
        ({}, "holds no documents"),
        ({"operations": []}, "holds no documents"),
        ({"operations": ["{ a }"]}, "operation 1 is no object"),
        ({"operations": [{"body": "{ a }"}]}, "'None' must be"),
        ({"operations": [{"id": "a", "body": "{ a }"}, {"id": "a", "body": "{ b }"}]}, "two documents"),
        ({"abc": 7}, "'abc' must be"),
        ({"": "{ a }"}, "'' must be"),
        ({"abc": "{ a"}, "'abc' is not GraphQL"),
        ({"abc": ""}, "'abc' is not GraphQL"),
        ({"abc": "{ a" * 5000}, "'abc' is not GraphQL"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(file: Path, content: Any, said: str) -> None:
    with pytest.raises(TrustedInvalid) as refused:
        trusted_documents(written(file, content))

    assert said in str(refused.value)
    assert str(file) in str(refused.value)


def test_a_file_that_is_not_there_is_named(file: Path) -> None:
    with pytest.raises(TrustedInvalid, match="cannot be read: No such file"):
        trusted_documents(file)


def test_a_file_of_other_bytes_is_no_json(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(TrustedInvalid, match="is not JSON"):
        trusted_documents(file)
