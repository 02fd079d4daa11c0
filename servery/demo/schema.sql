-- The tables of the restaurant example, empty. Keys and indexes follow when the rows are in.
-- The marker comes first: it says whose schema this is even when a load breaks off.
create schema if not exists restaurant;

create table restaurant.loaded (
    until date not null,
    seed int not null,
    sales int not null,
    format int not null
);

create table restaurant.brands (
    id int not null,
    name text not null
);

create table restaurant.sub_brands (
    id int not null,
    brand_id int not null,
    name text not null
);

create table restaurant.channels (
    id int not null,
    name text not null,
    type text not null check (type in ('P', 'D'))
);

create table restaurant.stores (
    id int not null,
    brand_id int not null,
    sub_brand_id int not null,
    name text not null,
    city text not null,
    state text not null,
    district text not null,
    latitude double precision not null,
    longitude double precision not null,
    opened_on date not null
);

create table restaurant.categories (
    id int not null,
    name text not null
);

create table restaurant.products (
    id int not null,
    category_id int not null,
    name text not null,
    price numeric(10,2) not null
);

create table restaurant.items (
    id int not null,
    name text not null,
    price numeric(10,2) not null
);

create table restaurant.customers (
    id int not null,
    name text not null,
    email text not null,
    birth_date date,
    created_at timestamptz not null
);

create table restaurant.payment_types (
    id int not null,
    name text not null
);

create table restaurant.sales (
    id bigint not null,
    store_id int not null,
    sub_brand_id int not null,
    channel_id int not null,
    customer_id int,
    created_at timestamptz not null,
    status text not null,
    total_amount_items numeric(12,2) not null,
    total_discount numeric(12,2) not null,
    service_fee numeric(12,2) not null,
    delivery_fee numeric(12,2) not null,
    total_amount numeric(12,2) not null,
    value_paid numeric(12,2) not null,
    discount_reason text,
    production_seconds int,
    delivery_seconds int,
    people_quantity int
);

create table restaurant.product_sales (
    id bigint not null,
    sale_id bigint not null,
    product_id int not null,
    quantity int not null,
    base_price numeric(12,2) not null,
    total_price numeric(12,2) not null
);

create table restaurant.item_product_sales (
    id bigint not null,
    product_sale_id bigint not null,
    item_id int not null,
    quantity int not null,
    price numeric(12,2) not null
);

create table restaurant.payments (
    id bigint not null,
    sale_id bigint not null,
    payment_type_id int not null,
    value numeric(12,2) not null
);

create table restaurant.delivery_sales (
    sale_id bigint not null,
    neighborhood text,
    city text not null,
    state text not null,
    courier_type text not null
);

-- Which visit of its customer each sale is: 1 while the customer has no completed purchase behind.
create materialized view restaurant.customer_visits as
select
    id as sale_id,
    (1 + count(*) filter (where status = 'COMPLETED') over so_far - (status = 'COMPLETED')::int)::int as visit,
    min(created_at) filter (where status = 'COMPLETED') over so_far as first_at
from restaurant.sales
where customer_id is not null
window so_far as (partition by customer_id order by created_at, id rows unbounded preceding);
create unique index customer_visits_sale_id on restaurant.customer_visits (sale_id);
create statistics restaurant.customer_visits_kind
    on (case when visit = 1 then 'new' when visit > 1 then 'returning' end) from restaurant.customer_visits;

-- Two lines of one sale with different products, the smaller number first.
create view restaurant.product_pairs as
select a.id as line_a, b.id as line_b, a.sale_id, a.product_id as product_a, b.product_id as product_b
from restaurant.product_sales a
join restaurant.product_sales b on b.sale_id = a.sale_id and a.product_id < b.product_id;

comment on column restaurant.customers.birth_date is 'Null where the customer did not tell.';
comment on column restaurant.sales.customer_id is 'Null for guests.';
comment on column restaurant.sales.status is 'COMPLETED or CANCELLED; a cancelled sale keeps its money and lines.';
comment on column restaurant.sales.total_amount is
    'total_amount_items - total_discount + service_fee + delivery_fee';
comment on column restaurant.sales.production_seconds is 'Null where the kitchen did not measure.';
comment on column restaurant.sales.delivery_seconds is 'Null for sales that are not deliveries.';
comment on column restaurant.sales.people_quantity is 'People at the table; null for deliveries.';
comment on column restaurant.product_sales.total_price is
    'quantity * base_price + the sum of quantity * price over the add-ons of this line';
comment on column restaurant.delivery_sales.neighborhood is 'Null where nobody noted it.';
