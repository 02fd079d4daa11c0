-- Things in the schema under names of ours, where we have made none.
select string_agg('the ' || case c.relkind when 'v' then 'view ' else 'table ' end || c.relname, ', ')
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
where n.nspname = 'servery' and c.relname in ('changes', 'tables', 'marks', 'epoch')
