select asked.name,
       c.oid,
       n.nspname::text,
       c.relname::text,
       format('%I.%I', n.nspname, c.relname),
       c.relkind::text,
       pg_get_userbyid(c.relowner)::text,
       pg_has_role(c.relowner, 'usage'),
       (
         with recursive tree (part) as (
           select c.oid
           union
           select i.inhrelid from tree join pg_inherits as i on i.inhparent = tree.part
         )
         select bool_or(each.relkind = 'f') from tree join pg_class as each on each.oid = tree.part
       ),
       (
         select t.typname::text
         from pg_attribute as a
         join pg_type as t on t.oid = a.atttypid and t.typnamespace = 'pg_catalog'::regnamespace
         where a.attrelid = c.oid and a.attname = asked.time_column and a.attnum > 0 and not a.attisdropped
       )
from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as asked (name, schema, relation, time_column)
join pg_class as c on c.relname = asked.relation and c.relkind in ('r', 'p', 'v', 'm', 'f')
join pg_namespace as n on n.oid = c.relnamespace
where case when asked.schema = '' then pg_table_is_visible(c.oid) else n.nspname = asked.schema end
