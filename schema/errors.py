"""Every error leaves with a code and in words for people; what is internal stays inside."""

import re
from collections.abc import Callable
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError

from model.faults import Fault, UnknownName, did_you_mean, similar
from model.model import Model

Report = Callable[[str, BaseException], None]
"""Told of every internal error, with the id that the answer shows."""

_ENUM = re.compile(r"[Vv]alue '(?P<name>[^']*)' does not exist in '(?P<enum>Metric|Dimension|Sortable)' enum")
_ENUM_STRING = re.compile(
    r"Enum '(?P<enum>Metric|Dimension|Sortable)' cannot represent non-enum value: (?P<name>.*?)\."
)
_FILTER = re.compile(
    r"type '(?P<input>FilterInput|HavingInput)' not to include unknown field '(?P<name>[^']*)'"
)
NEEDS_ENGINEER = frozenset({"INTERNAL", "MODEL_MISMATCH"})
"""Faults that the person who asked cannot mend: they are reported."""

_TOKENS = re.compile(r"more than (?P<max>\d+) tokens")


class ErrorWriter:
    """Turns errors of one schema's execution into what clients see."""

    def __init__(self, model: Model, report: Report) -> None:
        self._model = model
        self._report = report

    def formatted(self, error: GraphQLError, request_id: str) -> dict[str, Any]:
        """A GraphQL error map: message, locations, path, extensions with at least a code."""
        fault = self._known_fault(error, request_id) or self._fault_of(error, request_id)
        found: dict[str, Any] = {"message": fault.message}
        if error.locations:
            found["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
        if error.path:
            found["path"] = error.path
        return {**found, "extensions": {"code": fault.code, **fault.fields}}

    def _known_fault(self, error: GraphQLError, request_id: str) -> Fault | None:
        fault = _fault_behind(error)
        if fault is None or fault.code not in NEEDS_ENGINEER:
            return fault
        if fault.code == "INTERNAL":
            return self._internal(error, request_id)
        self._report(request_id, fault)
        return Fault(fault.code, fault.message, **fault.fields, requestId=request_id)

    def _fault_of(self, error: GraphQLError, request_id: str) -> Fault:
        if isinstance(error, GraphQLSyntaxError):
            return _syntax_fault(error)
        if isinstance(error.original_error, RecursionError):
            return Fault("LIMIT_EXCEEDED", "The request is nested too deeply. Nest less.")
        if error.path is not None or _is_foreign(error.original_error):
            return self._internal(error, request_id)
        return self._unknown_name(error.message) or Fault("GRAPHQL_VALIDATION_FAILED", error.message)

    def _internal(self, error: GraphQLError, request_id: str) -> Fault:
        self._report(request_id, error.original_error or error)
        return internal_fault(request_id)

    def _unknown_name(self, message: str) -> Fault | None:
        """graphql-core has no code for a name that is not in an enum or an input."""
        return self._unknown_field(message) or self._unknown_member(message)

    def _unknown_field(self, message: str) -> Fault | None:
        found = _FILTER.search(message)
        if not found:
            return None
        if found["input"] == "HavingInput":
            return UnknownName("metric", found["name"], self._model.metrics)
        return UnknownName("dimension", found["name"], self._model.dimensions)

    def _unknown_member(self, message: str) -> Fault | None:
        found = _ENUM.search(message) or _ENUM_STRING.search(message)
        if not found:
            return None
        name = found["name"].strip("'\"")
        if found.re is _ENUM_STRING:
            wanted = found["enum"]
            message = (
                f"{found['name']} is not the name of a {wanted}: names stand without quotes, as in {name}."
            )
            return Fault("GRAPHQL_VALIDATION_FAILED", message)
        match found["enum"]:
            case "Metric":
                return UnknownName("metric", name, self._model.metrics)
            case "Dimension":
                return UnknownName("dimension", name, self._model.dimension_names)
            case _:
                known = (*self._model.metrics, *self._model.dimension_names)
                suggestions = similar(name, known)
                message = (
                    f"orderBy names '{name}', which is no metric or dimension.{did_you_mean(suggestions)}"
                )
                return Fault("INVALID_ORDER", message, name=name, suggestions=suggestions)


def internal_fault(request_id: str) -> Fault:
    """What is told of an error that was not meant to happen; the engineer finds it under the id."""
    message = f"Something went wrong on our side. Tell the engineer who runs this: request {request_id}."
    return Fault("INTERNAL", message, requestId=request_id)


def _fault_behind(error: GraphQLError) -> Fault | None:
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause if isinstance(cause, Fault) else None


def _is_foreign(cause: BaseException | None) -> bool:
    """Validation wraps errors of its own kind only; anything else was not meant to happen."""
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause is not None and not isinstance(cause, ValueError | TypeError)


def _syntax_fault(error: GraphQLSyntaxError) -> Fault:
    if found := _TOKENS.search(error.message):
        message = f"The document has more than {found['max']} tokens. Send less, or in several requests."
        return Fault("LIMIT_EXCEEDED", message, max=int(found["max"]))
    return Fault("GRAPHQL_PARSE_FAILED", error.message)
