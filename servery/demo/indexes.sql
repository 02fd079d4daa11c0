-- Keys, indexes and statistics of the filled tables, table by table.
-- A table's statements run in the transaction that filled it, in this order.
alter table restaurant.brands add primary key (id);
analyze restaurant.brands;

alter table restaurant.sub_brands add primary key (id);
analyze restaurant.sub_brands;

alter table restaurant.channels add primary key (id);
analyze restaurant.channels;

alter table restaurant.stores add primary key (id);
analyze restaurant.stores;

alter table restaurant.categories add primary key (id);
analyze restaurant.categories;

alter table restaurant.products add primary key (id);
analyze restaurant.products;

alter table restaurant.items add primary key (id);
analyze restaurant.items;

alter table restaurant.customers add primary key (id);
analyze restaurant.customers;

alter table restaurant.payment_types add primary key (id);
analyze restaurant.payment_types;

alter table restaurant.sales add primary key (id);
create index sales_created_at on restaurant.sales (created_at);
create index sales_store_id on restaurant.sales (store_id);
create index sales_customer_id on restaurant.sales (customer_id);
-- Without these a filter on the local hour or weekday is taken to keep half a percent of the rows.
create statistics restaurant.sales_local_hour
    on extract(hour from created_at at time zone 'America/Sao_Paulo') from restaurant.sales;
create statistics restaurant.sales_local_day
    on ((created_at at time zone 'America/Sao_Paulo')::date) from restaurant.sales;
create statistics restaurant.sales_local_month
    on (date_trunc('month', created_at at time zone 'America/Sao_Paulo')::date) from restaurant.sales;
create statistics restaurant.sales_local_weekday
    on extract(isodow from created_at at time zone 'America/Sao_Paulo') from restaurant.sales;
analyze restaurant.sales;

alter table restaurant.product_sales add primary key (id);
create index product_sales_sale_id on restaurant.product_sales (sale_id);
create index product_sales_product_id on restaurant.product_sales (product_id);
analyze restaurant.product_sales;

alter table restaurant.item_product_sales add primary key (id);
create index item_product_sales_product_sale_id on restaurant.item_product_sales (product_sale_id);
analyze restaurant.item_product_sales;

alter table restaurant.payments add primary key (id);
create index payments_sale_id on restaurant.payments (sale_id);
analyze restaurant.payments;

alter table restaurant.delivery_sales add primary key (sale_id);
analyze restaurant.delivery_sales;

-- Made of the sales, so this runs when they are in.
refresh materialized view restaurant.customer_visits;
analyze restaurant.customer_visits;
