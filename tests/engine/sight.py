"""Row filters for the shop, and the rows that they leave to a viewer."""

from collections.abc import Mapping

from model.viewer import Viewer
from tests.engine.shop import Row, Shop

FILTERS = {
    "customers": "region is distinct from :subject",
    "orders": "status = :tenant",
    "tags": "label = any(:roles)",
}


def guarded(text: str) -> str:
    """The model with its row filters."""
    for table, sql in FILTERS.items():
        opening = f"\n  {table}:\n"
        assert opening in text
        text = text.replace(opening, f'{opening}    row_filter: "{sql}"\n')
    return text


def visible(shop: Shop, viewer: Viewer) -> Shop:
    """The data set as if there were no other rows."""
    left: Mapping[str, list[Row]] = {
        "customers": [row for row in shop["customers"] if row["region"] != viewer.subject],
        "orders": [row for row in shop["orders"] if viewer.tenant and row["status"] == viewer.tenant],
        "tags": [row for row in shop["tags"] if row["label"] in viewer.roles],
    }
    return {**shop, **left}
