"""Whatever a file holds, the loader gives a model or its faults, and nothing else."""

from contextlib import suppress

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from model.expression import parse_expression
from model.faults import ModelFault, ModelInvalid
from model.grammar import ExpressionRefused
from model.load import model_of_text
from tests.model.test_grammar import ALLOWED, COMMENTS, NO_EXPRESSION, UNKNOWN

KEYS = """
    title timezone week_start functions tables metrics source key time joins dimensions type column sql zone
    values where only p numerator denominator to on kind sales stores status total on no null <<
"""
WORDS = """
    sum count ratio derived percentile median string integer timestamp timestamptz date id name a.b local(a)
    total many_to_one one_to_many UTC monday status orders now() a+b
"""
SCALARS = (
    st.sampled_from(WORDS.split())
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
)
KEY = st.sampled_from(KEYS.split()) | st.text(max_size=4)


def _nested(parts: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.lists(parts, max_size=3) | st.dictionaries(KEY, parts, max_size=4)


TREES = st.recursive(SCALARS, _nested, max_leaves=12)
EXPRESSIONS = st.sampled_from([*ALLOWED, *COMMENTS, *NO_EXPRESSION, *UNKNOWN, "total", "status"])
TYPES = st.sampled_from(WORDS.split())
DIMENSION = st.fixed_dictionaries(
    {}, optional={"type": TYPES, "sql": EXPRESSIONS, "column": SCALARS, "zone": SCALARS, "values": TREES}
)
METRIC = st.fixed_dictionaries(
    {"type": TYPES},
    optional={
        "sql": EXPRESSIONS,
        "where": EXPRESSIONS,
        "p": SCALARS,
        "numerator": SCALARS,
        "denominator": SCALARS,
        "only": st.dictionaries(KEY, SCALARS, max_size=2),
    },
)
JOIN = st.fixed_dictionaries(
    {"on": st.dictionaries(st.sampled_from(["id", "a"]), st.sampled_from(["id", "a"]), max_size=2)},
    optional={"to": KEY, "kind": TYPES},
)
TABLE = st.fixed_dictionaries(
    {"key": st.sampled_from(["id", ["id", "a"], [], 5])},
    optional={
        "time": SCALARS,
        "joins": st.dictionaries(KEY, JOIN, max_size=2),
        "dimensions": st.dictionaries(KEY, DIMENSION, max_size=3),
        "metrics": st.dictionaries(KEY, METRIC, max_size=3),
    },
)
MODELS = st.fixed_dictionaries(
    {"tables": st.dictionaries(st.sampled_from(["sales", "stores"]), TABLE, max_size=2)},
    optional={"metrics": st.dictionaries(KEY, METRIC, max_size=3), "timezone": SCALARS},
)


# A shared machine may pause at any time, so no single example has a deadline.
PATIENT = settings(deadline=None)


def _faults(text: str) -> tuple[ModelFault, ...]:
    try:
        model_of_text(text)
    except ModelInvalid as invalid:
        return invalid.faults or (ModelFault(""),)
    return ()


def is_well_told(fault: ModelFault) -> bool:
    """Faults are printed on terminals and written to logs."""
    return bool(fault.message) and fault.line >= 1 and bool(str(fault).encode())


@PATIENT
@given(st.text())
def test_any_text_is_a_model_or_has_faults(text: str) -> None:
    assert all(map(is_well_told, _faults(text)))


@PATIENT
@given(st.text(alphabet="abc:-[]{}&*!|>'\"%@`#,?\\ \n\t0.~<=\ufeff\x85"))
def test_any_text_of_the_signs_of_yaml_is_a_model_or_has_faults(text: str) -> None:
    assert all(map(is_well_told, _faults(text)))


@PATIENT
@given(st.dictionaries(KEY, TREES, max_size=5))
def test_any_tree_is_a_model_or_has_faults(tree: dict[str, object]) -> None:
    assert all(map(is_well_told, _faults(yaml.safe_dump(tree))))


@PATIENT
@given(MODELS)
def test_anything_that_is_nearly_a_model_is_one_or_has_faults(tree: dict[str, object]) -> None:
    assert all(map(is_well_told, _faults(yaml.safe_dump(tree))))


@PATIENT
@given(
    st.text(alphabet="ab'\"()+-*/|:;,.=<>$[]{}%?@!~#&^\\ \n1E")
    | EXPRESSIONS.flatmap(st.permutations).map("".join)
)
def test_any_expression_is_taken_or_refused(text: str) -> None:
    with suppress(ExpressionRefused):
        assert parse_expression(text, table="sales").tree.sql("postgres")
