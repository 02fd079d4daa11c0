"""Questions over the restaurant and over small models, and the tags of their answers."""

from datetime import UTC, date, datetime
from typing import Any

from model.dates import DateRange, Days, Instants
from model.filters import EVERYTHING, Filter
from model.load import model_of_text
from model.model import Model
from model.viewer import ANONYMOUS, Viewer
from plan.limits import Limits
from plan.parts import Plan
from plan.plan import make_plan
from resolvers.depends import tags_of
from resolvers.question import Question, query_of
from tests.plan.questions import RESTAURANT

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
JANUARY = Days(date(2026, 1, 1), date(2026, 1, 31))

SMALL = model_of_text("""
timezone: America/New_York
tables:
  countries:
    key: code
    dimensions: {country: {column: name}, continent: {}}
  people:
    key: id
    time: joined_at
    joins: {countries: {on: {country: code}}}
    dimensions: {joined_at: {type: timestamptz}, person: {}, vip: {type: boolean}}
    metrics: {people_known: {type: count}}
  orders:
    key: id
    time: ordered_on
    joins:
      people: {on: {person_id: id}}
      destinations: {to: countries, on: {ship_to: code}}
    paths: {countries: [people, countries]}
    dimensions:
      ordered_on: {type: date}
      destination: {dimension: continent, via: destinations}
      score: {type: decimal}
      weight: {type: float}
      code: {type: uuid}
    metrics: {orders_made: {type: count}}
  items:
    key: id
    time: ordered_on
    joins: {orders: {on: {order_id: id}}}
    dimensions: {label: {}}
    metrics: {items_sold: {type: count}}
  clicks:
    key: id
    time: clicked_at
    dimensions: {clicked_at: {type: timestamp, zone: Asia/Tokyo}, page: {}}
    metrics: {clicks_made: {type: count}}
  banners:
    key: id
    joins: {clicks: {on: {click_id: id}}}
    metrics: {banners_known: {type: count}}
""")


def plan(
    metrics: str = "qtd_vendas",
    *dimensions: str,
    model: Model = RESTAURANT,
    filters: Filter = EVERYTHING,
    range_: DateRange | None = JANUARY,
    viewer: Viewer = ANONYMOUS,
    **more: Any,
) -> Plan:
    """`metrics` are names with blanks between."""
    question = Question(tuple(metrics.split()), dimensions, filters=filters, date_range=range_, **more)
    return make_plan(model, query_of(question, model, NOW, 100), viewer, Limits())


def tags(*names: str, model: Model = RESTAURANT, viewer: Viewer = ANONYMOUS, **asked: Any) -> set[str]:
    """Of a question for `plan`."""
    found = tags_of(model, plan(*names, model=model, viewer=viewer, **asked), viewer)
    assert list(found) == sorted(set(found))
    return set(found)


def small(*names: str, **asked: Any) -> set[str]:
    return tags(*names, model=SMALL, **asked)


def about(what: str, found: set[str]) -> set[str]:
    """What stands behind the colon of the tags of this kind."""
    return {tag.partition(":")[2] for tag in found if tag.startswith(f"{what}:")}


def rows(table: str, found: set[str]) -> set[str]:
    """The pieces of the table's rows."""
    return {tag.partition("@")[2] for tag in found if tag.startswith(f"table:{table}@")}


def instants(start: str, end: str) -> Instants:
    return Instants(datetime.fromisoformat(start), datetime.fromisoformat(end))


def days(first: str | None, last: str | None) -> Days:
    return Days(*(date.fromisoformat(each) if each else None for each in (first, last)))
