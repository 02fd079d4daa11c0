select format(
    'grant usage on schema servery to %1$I;
     grant select on servery.changes, servery.tables, servery.marks, servery.epoch to %1$I;',
    $1::text
)
