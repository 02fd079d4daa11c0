-- Triggers of ours on tables that are no part of the trees of $1, whose functions are those of $2.
with recursive tree (part, function) as (
    select wanted.oid, wanted.function
    from unnest($1::oid[], $2::text[]) as wanted (oid, function)
    union
    select i.inhrelid, tree.function from tree join pg_inherits as i on i.inhparent = tree.part
)
select string_agg(format('drop trigger %I on %I.%I;', g.tgname, n.nspname, c.relname), ' '),
       format('%I.%I', n.nspname, c.relname)
from pg_trigger as g
join pg_proc as p on p.oid = g.tgfoid
join pg_namespace as s on s.oid = p.pronamespace
join pg_class as c on c.oid = g.tgrelid
join pg_namespace as n on n.oid = c.relnamespace
where s.nspname = 'servery'
  and not exists (select from tree where tree.part = g.tgrelid and tree.function = p.proname)
group by n.nspname, c.relname
order by n.nspname, c.relname
