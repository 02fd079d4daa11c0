select exists (
    select
    from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = 'servery' and c.relname = 'changes' and obj_description(c.oid, 'pg_class') = $1::text
)
