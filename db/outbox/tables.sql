-- What change events keep, made once: later changes would wait for all writers.
-- Each name is written with its schema: a role that is called servery finds this schema before `public`.

create table servery.changes (
    -- The transaction that wrote the row. Ids are given in one order and committed in another, so a reader
    -- remembers a snapshot, not the last id.
    xid xid8 not null default pg_current_xact_id(),
    at timestamptz not null default clock_timestamp(),
    relation text not null,
    -- The time column and the zones by which `months` were told. Null where a person told them.
    axis text,
    -- The first days of the months of the rows, as they were and as they are. Null: any month.
    months date[]
);
create index changes_xid on servery.changes (xid);
-- Where all tables are published, a delete from one without a key would fail otherwise.
alter table servery.changes replica identity full;

-- The relations that a model reads, for `servery.changed` and for those who follow.
create table servery.tables (
    relation text primary key,
    schema_name text not null,
    table_name text not null,
    names text[] not null,
    axis text,
    function_name text
);

-- Moments, and the transactions that were over by then: those before `since`. A row is kept for an hour after
-- its commit, however long its transaction took, so that whoever follows may fall behind.
-- Ids of transactions mean nothing on another server, to which a dump may have brought them.
create table servery.marks (
    at timestamptz not null,
    since xid8 not null,
    server bigint not null
);
create index marks_at on servery.marks (at);
alter table servery.marks replica identity full;

-- Emptied by a crash, which may lose transactions that were seen already (synchronous_commit = off).
create unlogged table servery.epoch (id uuid not null);
insert into servery.epoch values (gen_random_uuid());
