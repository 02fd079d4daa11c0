"""Whether the tables and columns that a model names are in the database."""

from collections.abc import Iterator

from model.faults import did_you_mean, similar
from model.model import Model
from model.table import Table
from servery.check.catalog import Catalog
from servery.check.declared import columns_named
from servery.check.finding import Finding, error
from servery.check.relation import Relation, quoted


def missing_tables(model: Model, catalog: Catalog) -> Iterator[Finding]:
    for table in model.tables.values():
        relation = catalog.relations.get(table.name)
        if relation is None:
            yield _missing_table(table, catalog)
        elif not relation.readable:
            message = f"{catalog.user} may not read {relation.title}."
            yield error(("tables", table.name), message, "Grant it.", _grants(relation, catalog.user))


def _grants(relation: Relation, user: str) -> str:
    return (
        f"grant usage on schema {quoted(relation.schema)} to {quoted(user)};\n"
        f"grant select on {relation.sql} to {quoted(user)};"
    )


def _missing_table(table: Table, catalog: Catalog) -> Finding:
    name = ".".join(table.source)
    relatives = [each for each in catalog.known if each.endswith(f".{table.source[-1]}")]
    meant = relatives or similar(name, catalog.known)
    hint = did_you_mean(meant[:3]).strip() or "Create it, or correct 'source'."
    return error(("tables", table.name, "source"), f"The database has no table {name}.", hint)


def missing_columns(model: Model, catalog: Catalog) -> Iterator[Finding]:
    """Each missing column once, at the first place that names it."""
    seen: set[tuple[str, str]] = set()
    for table, column, path in columns_named(model):
        relation = catalog.relations.get(table)
        if relation and column not in relation.columns and (table, column) not in seen:
            seen.add((table, column))
            hint = did_you_mean(similar(column, relation.columns)).strip() or "Add it, or correct the model."
            yield error(path, f"{relation.title} has no column '{column}'.", hint)
