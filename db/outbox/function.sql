select format(
  'create or replace function servery.%1$I() returns trigger
   language plpgsql security definer set search_path = pg_catalog, pg_temp as %2$L;
   revoke execute on function servery.%1$I() from public;
   comment on function servery.%1$I() is %3$L;',
  $1::text, $2::text, 'Tells who follows of changes of ' || $3::text
)
