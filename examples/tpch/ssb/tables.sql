-- The five tables of the star schema benchmark in the schema ssb, made of the eight of TPC-H.
-- PostgreSQL and DuckDB read it alike. What the benchmark draws by lot (the city of a customer, the brand of a
-- part) goes round in the order of keys here, so that the same TPC-H data always gives the same star.
create schema ssb;

create table ssb.date as
with days as (
    select date '1992-01-01' + cast(n as integer) as d_date
    from generate_series(0, 2556) as numbers (n)
), parts as (
    select
        d_date,
        cast(extract(year from d_date) as integer) as d_year,
        cast(extract(month from d_date) as integer) as d_monthnuminyear,
        cast(extract(day from d_date) as integer) as d_daynuminmonth,
        cast(extract(doy from d_date) as integer) as d_daynuminyear
    from days
)
select
    10000 * d_year + 100 * d_monthnuminyear + d_daynuminmonth as d_datekey,
    d_date,
    d_year,
    d_monthnuminyear,
    100 * d_year + d_monthnuminyear as d_yearmonthnum,
    substring('JanFebMarAprMayJunJulAugSepOctNovDec', 3 * d_monthnuminyear - 2, 3)
    || cast(d_year as varchar) as d_yearmonth,
    d_daynuminyear,
    cast(floor(d_daynuminyear / 7.0) as integer) + 1 as d_weeknuminyear
from parts;

create table ssb.customer as
select
    c_custkey,
    c_name,
    c_address,
    rpad(substring(n_name, 1, 9), 9, ' ')
    || cast(row_number() over (partition by c_nationkey order by c_custkey) % 10 as varchar) as c_city,
    n_name as c_nation,
    r_name as c_region,
    c_phone,
    c_mktsegment
from tpch.customer
join tpch.nation on n_nationkey = c_nationkey
join tpch.region on r_regionkey = n_regionkey;

create table ssb.supplier as
select
    s_suppkey,
    s_name,
    s_address,
    rpad(substring(n_name, 1, 9), 9, ' ')
    || cast(row_number() over (partition by s_nationkey order by s_suppkey) % 10 as varchar) as s_city,
    n_name as s_nation,
    r_name as s_region,
    s_phone
from tpch.supplier
join tpch.nation on n_nationkey = s_nationkey
join tpch.region on r_regionkey = n_regionkey;

create table ssb.part as
select
    p_partkey,
    p_name,
    replace(p_mfgr, 'Manufacturer', 'MFGR') as p_mfgr,
    replace(p_brand, 'Brand', 'MFGR') as p_category,
    replace(p_brand, 'Brand', 'MFGR')
    || cast(row_number() over (partition by p_brand order by p_partkey) % 40 + 1 as varchar) as p_brand1,
    p_type,
    p_size,
    p_container
from tpch.part;

create table ssb.lineorder as
select
    l_orderkey as lo_orderkey,
    l_linenumber as lo_linenumber,
    o_custkey as lo_custkey,
    l_partkey as lo_partkey,
    l_suppkey as lo_suppkey,
    cast(
        10000 * extract(year from o_orderdate) + 100 * extract(month from o_orderdate)
        + extract(day from o_orderdate) as integer
    ) as lo_orderdate,
    o_orderpriority as lo_orderpriority,
    o_shippriority as lo_shippriority,
    l_quantity as lo_quantity,
    l_extendedprice as lo_extendedprice,
    o_totalprice as lo_ordtotalprice,
    cast(100 * l_discount as integer) as lo_discount,
    l_extendedprice * (1 - l_discount) as lo_revenue,
    ps_supplycost as lo_supplycost,
    cast(100 * l_tax as integer) as lo_tax,
    l_shipmode as lo_shipmode
from tpch.lineitem
join tpch.orders on o_orderkey = l_orderkey
join tpch.partsupp on ps_partkey = l_partkey and ps_suppkey = l_suppkey;

alter table ssb.date add primary key (d_datekey);
alter table ssb.customer add primary key (c_custkey);
alter table ssb.supplier add primary key (s_suppkey);
alter table ssb.part add primary key (p_partkey);
alter table ssb.lineorder add primary key (lo_orderkey, lo_linenumber);
create index lineorder_orderdate on ssb.lineorder (lo_orderdate);
create index lineorder_custkey on ssb.lineorder (lo_custkey);
create index lineorder_partkey on ssb.lineorder (lo_partkey);
create index lineorder_suppkey on ssb.lineorder (lo_suppkey);
analyze;
