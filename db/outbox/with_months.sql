declare
    was record;
    is_now record;
    seen integer := 0;
    became_seen integer := 0;
    low timestamp;
    high timestamp;
    unknown boolean;
    months date[];
    told boolean;
begin
    if tg_op = 'TRUNCATE' then
        told := servery.tell(%1$L, %2$L, null);
        return null;
    end if;
    -- Whatever becomes of the column: a statement of others must not fail by this trigger.
    begin
        for was in select t.%3$I as moment from touched as t limit 2 loop
            seen := seen + 1;
        end loop;
        if seen = 0 then
            return null;
        end if;
        if tg_op = 'UPDATE' then
            for is_now in select n.%3$I as moment from became as n limit 2 loop
                became_seen := became_seen + 1;
            end loop;
        end if;
        -- A column of another type than when this was made could bring casts of its own, which would run
        -- with the rights of this function.
        if pg_typeof(was.moment) <> %4$L::regtype then
            null;
        -- Most statements change one row.
        elsif seen = 1 and became_seen = 0 then
            if was.moment is not null then
                months := array[date_trunc('month', was.moment %5$s)::date];
            end if;
        elsif seen = 1 and became_seen = 1 then
            if was.moment is not null and is_now.moment is not null then
                low := date_trunc('month', was.moment %5$s);
                high := date_trunc('month', is_now.moment %5$s);
                months := case when low = high then array[low::date] else array[low::date, high::date] end;
            end if;
        else
            if tg_op = 'UPDATE' then
                select min(t.moment) %5$s, max(t.moment) %5$s, bool_or(t.moment is null)
                into low, high, unknown
                from (select o.%3$I as moment from touched as o union all select n.%3$I from became as n) as t;
            else
                select min(t.%3$I) %5$s, max(t.%3$I) %5$s, bool_or(t.%3$I is null)
                into low, high, unknown
                from touched as t;
            end if;
            if unknown then
                null;
            -- The usual load lies within one month, which its first and last row tell. Near a border they
            -- do not: local clocks are put back there.
            elsif date_trunc('month', low - interval '1 day') = date_trunc('month', high + interval '1 day')
            then
                months := array[date_trunc('month', low)::date];
            elsif tg_op = 'UPDATE' then
                months := array(
                    select distinct date_trunc('month', t.moment %5$s)::date
                    from (select o.%3$I as moment from touched as o union all select n.%3$I from became as n)
                        as t
                    order by 1
                    limit 61
                );
            else
                months := array(
                    select distinct date_trunc('month', t.%3$I %5$s)::date from touched as t order by 1 limit 61
                );
            end if;
        end if;
    exception
        when others then months := null;
    end;
    if cardinality(months) > 60 then
        months := null;
    end if;
    told := servery.tell(%1$L, %2$L, months);
    return null;
end
