"""The schema of the example, in GraphQL's definition language, is checked in and current.

After a change that is meant: servery schema --model examples/restaurant/model.yml > schema/schema.graphql
"""

from pathlib import Path

from schema.build import Schema
from tests.plan.questions import RESTAURANT
from tests.service import no_internal_error

SDL = Path(__file__).parents[2] / "schema" / "schema.graphql"


def test_the_sdl_that_is_checked_in_is_the_schema_of_the_example() -> None:
    assert Schema(RESTAURANT, no_internal_error).sdl == SDL.read_text(encoding="utf-8")


def test_names_of_the_model_are_names_of_the_api() -> None:
    sdl = SDL.read_text(encoding="utf-8")

    for name in (*RESTAURANT.metrics, *RESTAURANT.dimension_names):
        assert f"\n  {name}\n" in sdl, name
    for name in RESTAURANT.dimensions:
        assert f"\n  {name}: " in sdl, name
