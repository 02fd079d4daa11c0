"""What is remembered of a question's shape gives what is worked out afresh, to the byte."""

from itertools import product
from random import Random

import pytest

from cache.key import CacheKey
from cache.wanted import Wanted
from model.dates import Last
from model.faults import Fault
from model.filters import Condition, Op
from model.grain import Grain
from model.load import model_of_text
from model.model import Model
from model.viewer import ANONYMOUS, Viewer
from plan.plan import make_plan
from plan.sql import render
from resolvers.depends import tags_of
from resolvers.question import Question, query_of
from resolvers.resolved import Resolver
from resolvers.rules import Rules
from tests.resolvers.curious import NOW
from tests.resolvers.kiosk import KIOSK
from tests.resolvers.variety import Variety

NOTES = model_of_text("""
tables:
  shops:
    key: id
    row_filter: owner = :subject or 'auditor' = any(:roles)
    dimensions: {shop: {column: name}}
  sales:
    key: id
    row_filter: tenant = :tenant or 'auditor' = any(:roles)
    joins: {shops: {on: {shop_id: id}}}
    dimensions: {kind: {}}
    metrics: {revenue: {type: sum, sql: amount}}
  notes:
    key: id
    row_filter: tenant = :tenant
    joins: {sales: {on: {sale_id: id}}}
    dimensions: {word: {}}
""")
RULES = Rules(database="here")
SHAPES = 70
TIMES = 6
VIEWERS = [
    ANONYMOUS,
    Viewer("ann", "acme"),
    Viewer("bob", "other", frozenset({"auditor", "clerk"})),
    Viewer("bob", None, frozenset({"clerk"})),
]


def told(*found: object) -> str:
    """To Python 1, 1.0 and true are equal; to PostgreSQL they are not."""
    return "\n".join(map(repr, found))


def afresh(model: Model, question: Question, viewer: Viewer) -> str:
    """All that an answer is looked up and asked by, with nothing remembered."""
    try:
        plan = make_plan(model, query_of(question, model, NOW, RULES.default_limit), viewer, RULES.limits)
    except Fault as fault:
        return told(fault.code, fault.message, fault.fields)
    scope = {"tenant": viewer.tenant, "database": RULES.database, "rows": plan.scope}
    key = CacheKey.of(RULES.prefix, plan.query.arguments(), scope=scope, version=plan.fingerprint)
    wanted = Wanted(key, tags_of(model, plan, viewer))
    return told(plan, key, key.text, wanted.tags, render(model, plan))


def remembered(resolver: Resolver, question: Question, viewer: Viewer) -> str:
    try:
        found = resolver.resolve(question, viewer)
    except Fault as fault:
        return told(fault.code, fault.message, fault.fields)
    key = found.wanted.key
    return told(found.plan, key, key.text, found.wanted.tags, found.statement)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_asked_plan_key_tags_and_statement_are_those_worked_out_afresh(seed: int) -> None:
    dice = Random(seed)
    resolver = Resolver(KIOSK, RULES, lambda: NOW)

    for question in Variety(dice).questions(SHAPES, TIMES):
        viewer = dice.choice(VIEWERS)
        assert remembered(resolver, question, viewer) == afresh(KIOSK, question, viewer)


@pytest.mark.parametrize("dimensions", [(), ("kind",), ("shop",)])
def test_what_row_filters_know_is_each_viewers_own(dimensions: tuple[str, ...]) -> None:
    resolver = Resolver(NOTES, RULES, lambda: NOW)

    for name, value in product(("word", "shop"), ("good", "acme")):
        question = Question(("revenue",), dimensions, filters=Condition(name, Op.EQ, (value,)))
        for viewer in (*VIEWERS, Viewer("acme", "acme"), *VIEWERS):
            assert remembered(resolver, question, viewer) == afresh(NOTES, question, viewer)


def test_a_board_whose_range_and_filters_change_is_planned_once() -> None:
    resolver = Resolver(KIOSK, RULES, lambda: NOW)
    questions = [
        Question(
            ("revenue",),
            ("city",),
            filters=Condition("channel", Op.IN, ("app", channel)),
            date_range=Last(days, Grain.DAY),
            limit=days,
        )
        for days, channel in enumerate(("web", "desk", "post"), 1)
    ]

    found = [resolver.resolve(question, ANONYMOUS) for question in questions]

    assert len({each.plan.shape for each in found}) == 1
    assert len({each.statement.text for each in found}) == 1
    assert len({each.wanted.key for each in found}) == len(questions)
