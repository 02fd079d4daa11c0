-- A script for each table of a tree of partitions whose triggers are not as they should be: statements that
-- name a partition fire only the partition's own.
with recursive tree (part) as (
    select $1::oid
    union
    select i.inhrelid from tree join pg_inherits as i on i.inhparent = tree.part
),
own (part, name, fits) as (
    select g.tgrelid, g.tgname, p.proname = $2::text and g.tgenabled = 'A'
    from pg_trigger as g
    join pg_proc as p on p.oid = g.tgfoid
    join pg_namespace as s on s.oid = p.pronamespace
    where s.nspname = 'servery'
)
select coalesce((
           select string_agg(format('drop trigger %I on %s;', own.name, names.whole), ' ')
           from own
           where own.part = tree.part
       ), '')
    || format(
           'create trigger servery_insert after insert on %1$s referencing new table as touched
                for each statement execute function servery.%2$I();
            create trigger servery_update after update on %1$s
                referencing old table as touched new table as became
                for each statement execute function servery.%2$I();
            create trigger servery_delete after delete on %1$s referencing old table as touched
                for each statement execute function servery.%2$I();
            create trigger servery_truncate after truncate on %1$s
                for each statement execute function servery.%2$I();
            alter table %1$s enable always trigger servery_insert;
            alter table %1$s enable always trigger servery_update;
            alter table %1$s enable always trigger servery_delete;
            alter table %1$s enable always trigger servery_truncate;',
           names.whole, $2::text
       )
from tree
join pg_class as c on c.oid = tree.part
join pg_namespace as n on n.oid = c.relnamespace
cross join lateral (select format('%I.%I', n.nspname, c.relname)) as names (whole)
where (select count(*) from own where own.part = tree.part and own.fits) <> 4
   or (select count(*) from own where own.part = tree.part) <> 4
order by tree.part
