select string_agg(name, ', ' order by name)
from (
    select c.relname::text as name
    from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = 'servery' and c.relkind <> 'i'
    union all
    select p.proname || '()'
    from pg_proc as p
    join pg_namespace as n on n.oid = p.pronamespace
    where n.nspname = 'servery'
    union all
    select t.typname::text
    from pg_type as t
    join pg_namespace as n on n.oid = t.typnamespace
    where n.nspname = 'servery' and t.typrelid = 0 and t.typelem = 0
) as found
