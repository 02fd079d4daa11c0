"""The types that are made from one model."""

from dataclasses import dataclass
from typing import Any, Optional

import strawberry

from model.model import Model
from schema.enums import DirectionEnum, TimeUnit, dimension_enum, metric_enum, segment_enum, sortable_enum
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
    top: Any
    window: Any
    segment: Any
    """None where the model has no segment: GraphQL has no enum without a name in it."""


def names_of(model: Model) -> Names:
    metric, dimension = metric_enum(model), dimension_enum(model)
    segment = segment_enum(model) if model.segments else None
    return Names(
        metric=metric,
        dimension=dimension,
        filters=filter_input(model, segment),
        having=having_input(model),
        order_by=_order_by(sortable_enum(model)),
        share=_share(metric, dimension),
        top=_top(metric, dimension),
        window=_window(metric),
        segment=segment,
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


def _top(metric: Any, dimension: Any) -> Any:
    fields: dict[str, tuple[Any, dict[str, Any], str]] = {
        "n": (int, {}, "How many values are kept."),
        "by": (metric, {}, "The metric that ranks them, over all of their rows."),
        "of": (Optional[dimension], {"default": None}, "Whose values; without it, the one that is no grain."),  # noqa: UP045
        "within": (list[dimension], {"default_factory": list}, "A ranking for each combination of these."),
        "others": (bool, {"default": False}, "Gather all other values in one, marked by <of>__others."),
        "direction": (DirectionEnum, {"default": DirectionEnum.DESC}, "DESC keeps the greatest."),
    }
    return _input("TopInput", "Only the best values of a dimension.", fields)


def _window(metric: Any) -> Any:
    optional: dict[str, Any] = {"default": None}
    fields: dict[str, tuple[Any, dict[str, Any], str]] = {
        "metric": (metric, {}, "A sum, count, minimum, maximum, average, or a formula over them."),
        "running": (Optional[bool], optional, "Since the range began."),  # noqa: UP045
        "rolling": (Optional[int], optional, "This bucket and those before it: so many in all."),  # noqa: UP045
        "to_date": (Optional[TimeUnit], optional, "Since this unit began."),  # noqa: UP045
        "mean": (bool, {"default": False}, "With rolling, of a sum or count: divided by the buckets."),
    }
    return _input("WindowInput", "A metric over several buckets: running, rolling or toDate.", fields)


def _input(name: str, description: str, fields: dict[str, tuple[Any, dict[str, Any], str]]) -> Any:
    attributes: dict[str, Any] = {
        "__annotations__": {field: annotation for field, (annotation, _, _) in fields.items()},
        "__module__": __name__,
    }
    for field, (_, options, told) in fields.items():
        attributes[field] = strawberry.field(description=told, **options)
    return strawberry.input(type(name, (), attributes), name=name, description=description)
