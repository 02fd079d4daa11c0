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
    share: Any


def names_of(model: Model) -> Names:
    metric, dimension = metric_enum(model), dimension_enum(model)
    return Names(
        metric=metric,
        dimension=dimension,
        filters=filter_input(model),
        having=having_input(model),
        order_by=_order_by(sortable_enum(model)),
        share=_share(metric, dimension),
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


def _share(metric: Any, dimension: Any) -> Any:
    within = "Of the rows with the same values of these. Without them: of all rows that pass the filters."
    attributes = {
        "__annotations__": {"metric": metric, "within": list[dimension]},
        "__module__": __name__,
        "metric": strawberry.field(description="A sum, a count, or a formula; selected or not."),
        "within": strawberry.field(default_factory=list, description=within),
    }
    made = type("ShareInput", (), attributes)
    return strawberry.input(made, name="ShareInput", description="A metric as a part of its whole.")
