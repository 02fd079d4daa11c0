"""The types that are made from one model."""

from dataclasses import dataclass
from typing import Any

import strawberry

from model.model import Model
from schema.enums import DirectionEnum, dimension_enum, metric_enum, sortable_enum
from schema.inputs import FilterFields, filter_input, having_input


@dataclass(frozen=True, slots=True)
class Names:
    """Generated types."""

    metric: Any
    dimension: Any
    filters: FilterFields
    having: FilterFields
    order_by: Any


def names_of(model: Model) -> Names:
    return Names(
        metric=metric_enum(model),
        dimension=dimension_enum(model),
        filters=filter_input(model),
        having=having_input(model),
        order_by=_order_by(sortable_enum(model)),
    )


def _order_by(sortable: Any) -> Any:
    attributes = {
        "__annotations__": {"name": sortable, "direction": DirectionEnum},
        "__module__": __name__,
        "name": strawberry.field(
            description="A metric, also one that is not selected, or a selected dimension."
        ),
        "direction": strawberry.field(default=DirectionEnum.ASC, description="Nulls are last both ways."),
    }
    return strawberry.input(type("OrderByInput", (), attributes), name="OrderByInput")
