insert into servery.tables as old (relation, schema_name, table_name, names, axis, function_name)
values ($1, $2, $3, $4, $5, $6)
on conflict (relation) do update
set schema_name = excluded.schema_name,
    table_name = excluded.table_name,
    names = case
        when $7 then array(select distinct unnest(old.names || excluded.names) order by 1)
        else excluded.names
    end,
    axis = excluded.axis,
    function_name = excluded.function_name
