"""Reads what the database has of a model's tables, out of pg_catalog."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from db.database import Database, Row
from model.table import Table
from servery.check.relation import ForeignKey, Index, Relation

# Names are compared as they are: to_regclass would fail where the schema may not be used.
RELATIONS = """
select asked.model, c.oid, n.nspname::text, c.relname::text, c.relkind::text,
       case
         when c.relkind = 'p' then (
           select coalesce(sum(greatest(part.reltuples, 0)), 0)
           from pg_partition_tree(c.oid) as tree join pg_class as part on part.oid = tree.relid
           where tree.isleaf
         )
         when c.relkind = 'v' then 0
         when c.reltuples < 0 then pg_relation_size(c.oid) / 100
         else c.reltuples
       end::bigint,
       has_schema_privilege(n.oid, 'usage') and has_any_column_privilege(c.oid, 'select')
from unnest($1::text[], $2::text[], $3::text[]) as asked (model, schema, name)
join pg_class as c on c.relname = asked.name and c.relkind in ('r', 'p', 'v', 'm', 'f')
join pg_namespace as n on n.oid = c.relnamespace
where case when asked.schema = '' then pg_table_is_visible(c.oid) else n.nspname = asked.schema end
"""

COLUMNS = """
select a.attrelid, a.attname::text, coalesce(inner_type.typname, t.typname)::text
from pg_attribute as a
join pg_type as t on t.oid = a.atttypid
left join pg_type as inner_type on inner_type.oid = t.typbasetype
where a.attrelid = any($1::oid[]) and a.attnum > 0 and not a.attisdropped
order by a.attrelid, a.attnum
"""

INDEXES = """
select i.indrelid, i.indisunique,
       array(
         select coalesce(a.attname::text, '')
         from unnest(i.indkey::int2[]) with ordinality as key (number, place)
         left join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = key.number and key.number > 0
         where key.place <= i.indnkeyatts
         order by key.place
       )
from pg_index as i
where i.indrelid = any($1::oid[]) and i.indisvalid and i.indpred is null
"""

DISTINCT = """
select c.oid, s.attname::text,
       max(case when s.n_distinct < 0 then -s.n_distinct * c.reltuples else s.n_distinct end)
from pg_stats as s
join pg_namespace as n on n.nspname = s.schemaname
join pg_class as c on c.relnamespace = n.oid and c.relname = s.tablename
where c.oid = any($1::oid[]) and s.n_distinct <> 0
group by c.oid, s.attname
"""

EXPRESSIONS = """
select s.stxrelid, unnest(pg_get_statisticsobjdef_expressions(s.oid))
from pg_statistic_ext as s
where s.stxrelid = any($1::oid[]) and s.stxexprs is not null
union all
select i.indrelid, pg_get_indexdef(i.indexrelid, key.place::int, true)
from pg_index as i, unnest(i.indkey::int2[]) with ordinality as key (number, place)
where i.indrelid = any($1::oid[]) and i.indisvalid and key.number = 0
"""

FOREIGN_KEYS = """
select f.conrelid, n.nspname || '.' || c.relname,
       array(
         select a.attname::text
         from unnest(f.conkey) with ordinality as key (number, place)
         join pg_attribute as a on a.attrelid = f.conrelid and a.attnum = key.number
         order by key.place
       ),
       array(
         select a.attname::text
         from unnest(f.confkey) with ordinality as key (number, place)
         join pg_attribute as a on a.attrelid = f.confrelid and a.attnum = key.number
         order by key.place
       )
from pg_constraint as f
join pg_class as c on c.oid = f.confrelid
join pg_namespace as n on n.oid = c.relnamespace
where f.contype = 'f' and f.convalidated and f.conrelid = any($1::oid[])
"""

KNOWN = """
select n.nspname || '.' || c.relname
from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
order by 1
limit 10000
"""


@dataclass(frozen=True, slots=True)
class Catalog:
    """The relations by the names of a model's tables, the names of all there are, and who asks."""

    relations: Mapping[str, Relation]
    known: tuple[str, ...] = ()
    user: str = ""

    def columns(self, table: str) -> Mapping[str, str]:
        """Names and types; none when the table is not there."""
        found = self.relations.get(table)
        return found.columns if found else {}

    def holding(self, table: str, columns: Iterable[str]) -> Relation | None:
        """The relation behind a table of the model, when its rows may be read and have these columns."""
        found = self.relations.get(table)
        return found if found and found.readable and found.columns.keys() >= set(columns) else None


async def read_catalog(database: Database, tables: Sequence[Table]) -> Catalog:
    """Tables that the database does not have are left out."""
    schemas = [table.source[0] if len(table.source) > 1 else "" for table in tables]
    names = [[table.name for table in tables], schemas, [table.source[-1] for table in tables]]
    found = (await database.fetch(RELATIONS, names)).rows
    oids = [sorted({row[1] for row in found})]
    parts = [
        _by_oid((await database.fetch(text, oids)).rows)
        for text in (COLUMNS, INDEXES, DISTINCT, EXPRESSIONS, FOREIGN_KEYS)
    ]
    known = (await database.fetch(KNOWN)).rows
    relations = {row[0]: _relation(row, [part[row[1]] for part in parts]) for row in found}
    user = (await database.fetch("select current_user::text")).rows[0][0]
    return Catalog(relations, tuple(row[0] for row in known), user)


def _by_oid(rows: Sequence[Row]) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for oid, *rest in rows:
        found[oid].append(rest)
    return found


def _relation(row: Row, parts: list[list[Any]]) -> Relation:
    _, _, schema, name, kind, rows, readable = row
    columns, indexes, distinct, expressions, foreign_keys = parts
    return Relation(
        schema,
        name,
        kind,
        rows,
        readable,
        columns=dict(columns),
        indexes=tuple(Index(tuple(keys), unique) for unique, keys in indexes),
        distinct=dict(distinct),
        expressions=tuple(each for (each,) in expressions),
        foreign_keys=tuple(
            ForeignKey(target, frozenset(zip(ours, theirs, strict=True)))
            for target, ours, theirs in foreign_keys
        ),
    )
