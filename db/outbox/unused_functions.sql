do $$
declare
    unused record;
begin
    for unused in
        select p.proname
        from pg_proc as p
        join pg_namespace as n on n.oid = p.pronamespace
        where n.nspname = 'servery'
          and p.proname ~ '^on_[0-9a-f]{16}$'
          and not exists (select from servery.tables as t where t.function_name = p.proname)
          and not exists (select from pg_trigger as g where g.tgfoid = p.oid)
    loop
        execute format('drop function servery.%I()', unused.proname);
    end loop;
end
$$
