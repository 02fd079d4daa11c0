-- Of each relation of a model: its parts, how many of them have the triggers, and a text that is another one
-- when a part came or went, or was written anew by other means than statements that change rows.
with recursive tree (relation, part) as (
    select t.relation, c.oid
    from servery.tables as t
    join pg_namespace as n on n.nspname = t.schema_name
    join pg_class as c on c.relnamespace = n.oid and c.relname = t.table_name
    union
    select tree.relation, i.inhrelid from tree join pg_inherits as i on i.inhparent = tree.part
)
select t.relation,
       t.names,
       t.axis,
       t.function_name,
       count(c.oid),
       count(c.oid) filter (where (
         select count(*)
         from pg_trigger as g
         join pg_proc as p on p.oid = g.tgfoid
         join pg_namespace as n on n.oid = p.pronamespace
         where g.tgrelid = c.oid and g.tgenabled = 'A' and n.nspname = 'servery' and p.proname = t.function_name
       ) = 4),
       coalesce(md5(string_agg(c.oid || ':' || c.relfilenode, ',' order by c.oid)), '')
from servery.tables as t
left join tree on tree.relation = t.relation
left join pg_class as c on c.oid = tree.part
group by t.relation
order by t.relation
