-- $1 is the end of the last snapshot, $2 are the transactions that were running then, $3 those after it whose
-- rows were read all the same. Rows of the future come from another server, with a dump.
select now.snapshot::text,
       pg_is_in_recovery(),
       extract(epoch from clock_timestamp())::float8,
       pg_backend_pid(),
       new.relation,
       new.axis,
       new.months,
       new.oldest_s,
       new.xids
from (select pg_current_snapshot() as snapshot) as now
left join lateral (
    select c.relation,
           c.axis,
           -- Null where it lies outside the calendar of those who read it.
           (
             select array_agg(case when month between '0001-01-01' and '9999-12-31' then month::text end)
             from unnest(c.months) as month
           ) as months,
           extract(epoch from clock_timestamp() - min(c.at))::float8 as oldest_s,
           case when pg_is_in_recovery() then array_agg(distinct c.xid::text::bigint) end as xids
    from servery.changes as c
    where (c.xid >= $1::text::xid8 or c.xid = any ($2::text[]::xid8[]))
      and c.xid <> all ($3::text[]::xid8[])
      and c.xid < pg_snapshot_xmax(now.snapshot)
    group by c.relation, c.axis, c.months
) as new on true
