-- The server, its database, the history that it writes now, and its life since the last crash.
select c.system_identifier || '/' || d.oid || '/' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
       || '/' || e.id
from pg_control_system() as c, pg_database as d, servery.epoch as e
where d.datname = current_database()
