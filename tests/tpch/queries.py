"""The queries of the two benchmarks that the API can ask, and how their columns are called in its answers."""

from dataclasses import dataclass
from pathlib import Path

from tests.tpch.data import EXAMPLE

SQL = Path(__file__).parent / "sql"
QUESTIONS = EXAMPLE / "questions"


@dataclass(frozen=True, slots=True)
class BenchmarkQuery:
    """`columns` are the answer's keys, in the order of the SQL's columns. SQL rounds the `ratios`."""

    name: str
    columns: tuple[str, ...]
    ratios: frozenset[str] = frozenset()

    @property
    def sql(self) -> str:
        return (SQL / f"{self.name}.sql").read_text(encoding="utf-8")

    @property
    def question(self) -> str:
        return (QUESTIONS / f"{self.name}.graphql").read_text(encoding="utf-8")


def query(name: str, columns: str, ratios: str = "") -> BenchmarkQuery:
    return BenchmarkQuery(name, tuple(columns.split()), frozenset(ratios.split()))


MEANS = "mean_quantity mean_price mean_discount"

TPCH = (
    query("q01", f"return_flag line_status quantity base_price revenue charge {MEANS} line_count", MEANS),
    query("q03", "order_key revenue ordered_on ship_priority"),
    query("q04", "order_priority order_count"),
    query("q05", "supplier_nation revenue"),
    query("q06", "discount_given"),
    query("q07", "supplier_nation customer_nation shipped_on__year revenue"),
    query("q08", "ordered_on__year brazilian_share", "brazilian_share"),
    query("q09", "supplier_nation ordered_on__year profit"),
    query(
        "q10",
        "customer_key customer revenue customer_balance customer_nation"
        " customer_address customer_phone customer_comment",
    ),
    query("q12", "ship_mode urgent_lines other_lines"),
    query("q14", "promotion_percent", "promotion_percent"),
    query("q15", "supplier_key supplier supplier_address supplier_phone revenue"),
    query("q16", "brand part_type part_size suppliers_offering"),
    query("q18", "customer customer_key order_key ordered_on order_total quantity"),
    query("q19", "revenue"),
)

SSB = (
    query("ssb/q1_1", "revenue_to_gain"),
    query("ssb/q1_2", "revenue_to_gain"),
    query("ssb/q1_3", "revenue_to_gain"),
    query("ssb/q2_1", "revenue year brand"),
    query("ssb/q2_2", "revenue year brand"),
    query("ssb/q2_3", "revenue year brand"),
    query("ssb/q3_1", "customer_nation supplier_nation year revenue"),
    query("ssb/q3_2", "customer_city supplier_city year revenue"),
    query("ssb/q3_3", "customer_city supplier_city year revenue"),
    query("ssb/q3_4", "customer_city supplier_city year revenue"),
    query("ssb/q4_1", "year customer_nation profit"),
    query("ssb/q4_2", "year supplier_nation category profit"),
    query("ssb/q4_3", "year supplier_city brand profit"),
)
