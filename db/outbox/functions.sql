-- What triggers and people call. Running it again changes nothing, and waits for nobody.

create or replace function servery.clean() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    own bigint := 0;
    done record;
begin
    -- Never waits for another writer: one cleans, the others go on.
    if not pg_try_advisory_xact_lock(7310862301465026) then
        return;
    end if;
    select system_identifier into own from pg_control_system();
    if not exists (select from servery.epoch) then
        insert into servery.epoch values (gen_random_uuid());
    end if;
    if not exists (select from servery.marks where at > clock_timestamp() - interval '1 minute') then
        insert into servery.marks
        values (clock_timestamp(), pg_snapshot_xmin(pg_current_snapshot()), own);
    end if;
    select at, since into done
    from servery.marks
    where at <= clock_timestamp() - interval '1 hour' and server = own
    order by at desc
    limit 1;
    if found then
        delete from servery.changes
        where ctid = any (array(
            select ctid from servery.changes where xid < done.since order by xid limit 1000
        ));
        delete from servery.marks where at < done.at;
    end if;
exception
    -- What cannot be cleaned now is cleaned later; nobody's own statement fails by it.
    when others then null;
end
$$;

-- One row, or none where this transaction has told the same already: whether it wrote one. A result that is
-- assigned is had without a query of its own.
create or replace function servery.tell(relation text, axis text, months date[]) returns boolean
language plpgsql as $$
declare
    own constant text := pg_current_xact_id()::text;
    entry constant text := md5(relation || coalesce(months::text, ''));
    -- Kept as a setting of this transaction, which a rollback to a savepoint undoes together with the row.
    -- Looking for the row itself would make serializable transactions conflict with each other.
    told text := current_setting('servery.told', true);
begin
    if split_part(told, ' ', 1) is distinct from own or length(told) > 2000 then
        told := own;
    elsif position(entry in told) > 0 then
        return false;
    end if;
    insert into servery.changes (relation, axis, months)
    values (tell.relation, tell.axis, tell.months);
    told := set_config('servery.told', told || ' ' || entry, true);
    if random() < 0.02 then
        perform servery.clean();
    end if;
    return true;
end
$$;

create or replace function servery.changed(name text, first date default null, last date default null)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    meant text[];
    count_of_months bigint;
    months date[];
begin
    select array_agg(t.relation) into meant from servery.tables as t where changed.name = any (t.names);
    if meant is null then
        select array_agg(t.relation) into meant
        from servery.tables as t
        where changed.name in (
            t.relation, t.table_name, t.schema_name || '.' || t.table_name, quote_ident(t.table_name)
        );
    end if;
    if meant is null then
        raise undefined_table using
            message = format('There is no table %L in the model.', changed.name),
            hint = coalesce(
                'Known are: ' || (
                    select string_agg(each, ', ' order by each)
                    from (select unnest(t.names) as each from servery.tables as t limit 50) as known
                ) || '.',
                'Run servery events install.'
            );
    end if;
    if first > last then
        raise invalid_parameter_value using
            message = format('%s comes after %s.', first, last),
            hint = 'Write the first day, then the last.';
    end if;
    -- A range without an end is any month, and so is one of more months than are worth telling.
    if isfinite(first) and isfinite(last) then
        count_of_months := (extract(year from last) - extract(year from first)) * 12
            + extract(month from last) - extract(month from first) + 1;
        if count_of_months <= 60 then
            months := array(
                select month::date
                from generate_series(date_trunc('month', first::timestamp), last::timestamp, interval '1 month')
                    as month
            );
        end if;
    end if;
    for number in 1 .. cardinality(meant) loop
        perform servery.tell(meant[number], null, months);
    end loop;
    -- Only here, never in a trigger: commits that notify wait for each other.
    perform pg_notify('servery_changes', '');
end
$$;

revoke execute on function servery.clean(), servery.tell(text, text, date[]) from public;

-- After a dump, rows of another server would be those of the future.
delete from servery.changes where xid >= pg_snapshot_xmax(pg_current_snapshot());
