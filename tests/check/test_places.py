"""File and line of what a check finds."""

from pathlib import Path

from servery.check.places import Places
from tests.check.holding import MODEL


def test_a_key_is_found_in_its_line(tmp_path: Path) -> None:
    file = tmp_path / "model.yml"
    file.write_text(MODEL, "utf-8")
    places = Places.of(file)

    assert places.where(("tables", "stores", "dimensions", "store")) == (str(file), 7)
    assert places.where(("timezone",)) == (str(file), 2)


def test_a_key_that_is_not_written_stands_where_it_would(tmp_path: Path) -> None:
    file = tmp_path / "model.yml"
    file.write_text(MODEL, "utf-8")

    assert Places.of(file).where(("tables", "stores", "source")) == (str(file), 4)
    assert Places.of(file).where(("week_start",)) == (str(file), 1)


def test_a_formula_over_metrics_is_found_in_any_table(tmp_path: Path) -> None:
    file = tmp_path / "model.yml"
    file.write_text(MODEL, "utf-8")

    assert Places.of(file).where(("metrics", "per_sale")) == (str(file), 20)


def test_each_file_of_a_folder_is_looked_through(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("tables:\n  stores:\n    key: id\n", "utf-8")
    (tmp_path / "b.yml").write_text("tables:\n  sales:\n    key: id\n", "utf-8")

    place = Places.of(tmp_path).where(("tables", "sales", "key"))

    assert place == (str(tmp_path / "b.yml"), 3)
    assert Places.of(tmp_path).where(("tables", "sales", "joins", "x")) == (str(tmp_path / "b.yml"), 2)
