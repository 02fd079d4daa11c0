-- Eighteen sales that can be counted by hand. Ana and Davi bought three times and stayed away since 16 May,
-- where Davi's last order was cancelled; Carla is still there; Bruno and Elisa cancelled before they first bought.
insert into restaurant.customers (id, name, email, created_at)
select id, name, lower(name) || '@example.com', '2026-03-01'
from (values (1, 'Ana'), (2, 'Bruno'), (3, 'Carla'), (4, 'Davi'), (5, 'Elisa')) people (id, name);

insert into restaurant.products (id, category_id, name, price)
values (1, 1, 'Pizza', 50), (2, 1, 'Suco', 12), (3, 1, 'Pudim', 18);

insert into restaurant.sales (
    id, store_id, sub_brand_id, channel_id, customer_id, created_at, status,
    total_amount_items, total_discount, service_fee, delivery_fee, total_amount, value_paid
)
select
    id, 1, 1, 1, customer_id, day + time '12:00', case when cancelled then 'CANCELLED' else 'COMPLETED' end,
    total, 0, 0, 0, total, total
from (
    values
        (1, 1, date '2026-03-02', 80, false),
        (2, 3, '2026-03-20', 50, false),
        (3, null, '2026-03-21', 30, false),
        (4, 4, '2026-03-25', 40, false),
        (5, 4, '2026-04-02', 60, false),
        (6, 1, '2026-04-10', 70, false),
        (7, null, '2026-04-11', 20, false),
        (8, 3, '2026-04-15', 55, false),
        (9, 5, '2026-04-20', 45, true),
        (10, 4, '2026-04-28', 35, false),
        (11, 3, '2026-05-01', 65, false),
        (12, null, '2026-05-03', 25, false),
        (13, 1, '2026-05-04', 90, false),
        (14, 2, '2026-05-10', 30, true),
        (15, 2, '2026-05-12', 30, false),
        (16, 5, '2026-05-20', 45, false),
        (17, 3, '2026-06-01', 75, false),
        (18, 4, '2026-06-10', 35, true)
) sales (id, customer_id, day, total, cancelled);

-- The first sale has two lines of pizza, and the ninth was cancelled.
insert into restaurant.product_sales (id, sale_id, product_id, quantity, base_price, total_price)
select row_number() over (), sale_id, product_id, 1, price, price
from (
    values (1, 1), (1, 2), (1, 1), (2, 1), (2, 3), (6, 1), (6, 2), (6, 3), (9, 2), (9, 3), (13, 1), (13, 2), (15, 2)
) lines (sale_id, product_id)
join restaurant.products on products.id = product_id;

refresh materialized view restaurant.customer_visits;
