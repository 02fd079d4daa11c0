-- After loading: foreign keys, and what makes questions fast. For PostgreSQL.
alter table tpch.nation add foreign key (n_regionkey) references tpch.region;
alter table tpch.supplier add foreign key (s_nationkey) references tpch.nation;
alter table tpch.customer add foreign key (c_nationkey) references tpch.nation;
alter table tpch.partsupp add foreign key (ps_partkey) references tpch.part;
alter table tpch.partsupp add foreign key (ps_suppkey) references tpch.supplier;
alter table tpch.orders add foreign key (o_custkey) references tpch.customer;
alter table tpch.lineitem add foreign key (l_orderkey) references tpch.orders;
alter table tpch.lineitem add foreign key (l_partkey, l_suppkey) references tpch.partsupp;

create index on tpch.supplier (s_nationkey);
create index on tpch.customer (c_nationkey);
create index on tpch.partsupp (ps_suppkey);
create index on tpch.orders (o_custkey);
create index on tpch.orders (o_orderdate);
create index on tpch.lineitem (l_partkey, l_suppkey);
create index on tpch.lineitem (l_suppkey);
create index on tpch.lineitem (l_shipdate);

create statistics tpch.lineitem_shipped_in_time on (l_shipdate < l_commitdate) from tpch.lineitem;
create statistics tpch.lineitem_received_late on (l_commitdate < l_receiptdate) from tpch.lineitem;
create statistics tpch.part_is_promotion on (p_type like 'PROMO%') from tpch.part;
create statistics tpch.supplier_has_complaints on (s_comment like '%Customer%Complaints%') from tpch.supplier;

analyze;
