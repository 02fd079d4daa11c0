-- A standby replays what its primary has written for good, so it loses nothing. Once it is promoted, it is
-- another server.
select c.system_identifier || '/' || d.oid || '/standby'
from pg_control_system() as c, pg_database as d
where d.datname = current_database()
