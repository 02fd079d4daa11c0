do $$
declare
    made record;
begin
    for made in
        select p.proname
        from pg_proc as p
        join pg_namespace as n on n.oid = p.pronamespace
        where n.nspname = 'servery' and p.proname ~ '^on_[0-9a-f]{16}$'
    loop
        execute format('drop function servery.%I()', made.proname);
    end loop;
end
$$;
drop function servery.changed(text, date, date);
drop function servery.tell(text, text, date[]);
drop function servery.clean();
drop table servery.changes, servery.tables, servery.marks, servery.epoch;
