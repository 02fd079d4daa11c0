select obj_description(oid, 'pg_namespace') = $1::text from pg_namespace where nspname = 'servery'
