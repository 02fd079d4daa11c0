"""Ways through joins."""

from model.routes import connected_tables, lookup_routes
from model.table import Join, JoinKind, Table


def _table(name: str, *targets: str, down: tuple[str, ...] = ()) -> Table:
    up = [Join(target, name, target, (("x", "id"),)) for target in targets]
    many = [Join(target, name, target, (("id", "x"),), JoinKind.ONE_TO_MANY) for target in down]
    return Table(name, (name,), ("id",), joins=(*up, *many))


def _tables(*tables: Table) -> dict[str, Table]:
    return {table.name: table for table in tables}


def _ways(tables: dict[str, Table], start: str) -> dict[str, list[str]]:
    routes = lookup_routes(tables, start)
    return {
        target: [".".join(join.name for join in route) for route in found] for target, found in routes.items()
    }


def test_a_table_finds_itself_without_a_join() -> None:
    assert lookup_routes(_tables(_table("sales")), "sales") == {"sales": ((),)}


def test_lookups_are_followed_as_far_as_they_go() -> None:
    tables = _tables(_table("sales", "stores"), _table("stores", "regions"), _table("regions"))

    assert _ways(tables, "sales") == {"sales": [""], "stores": ["stores"], "regions": ["stores.regions"]}


def test_joins_that_multiply_rows_are_no_lookups() -> None:
    tables = _tables(_table("sales", down=("lines",)), _table("lines"))

    assert _ways(tables, "sales") == {"sales": [""]}


def test_two_ways_to_a_table_are_both_found_the_shorter_first() -> None:
    tables = _tables(_table("sales", "stores", "regions"), _table("stores", "regions"), _table("regions"))

    assert _ways(tables, "sales")["regions"] == ["regions", "stores.regions"]


def test_a_circle_of_joins_ends() -> None:
    tables = _tables(_table("a", "b"), _table("b", "c"), _table("c", "a"))

    assert _ways(tables, "b") == {"b": [""], "c": ["c"], "a": ["c.a"]}


def test_a_table_that_joins_itself_is_not_its_own_lookup() -> None:
    assert _ways(_tables(_table("people", "people")), "people") == {"people": [""]}


def test_tables_are_connected_either_way_and_by_any_kind_of_join() -> None:
    tables = _tables(
        _table("sales", "stores"), _table("stores", down=("visits",)), _table("visits"), _table("weather")
    )

    assert connected_tables(tables, "visits") == {"sales", "stores", "visits"}
    assert connected_tables(tables, "weather") == {"weather"}
