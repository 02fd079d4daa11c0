with firsts as (
    select distinct on (customer_id) id
    from restaurant.sales
    where status = 'COMPLETED' and customer_id is not null
    order by customer_id, created_at
),
months as (
    select
        date_trunc('month', created_at)::date as month,
        sum(total_amount) as revenue,
        count(*) filter (where id in (select id from firsts)) as newcomers
    from restaurant.sales
    where status = 'COMPLETED' and created_at >= '2026-01-01' and created_at < '2026-06-16'
    group by 1
)
select
    month as time__month,
    revenue as faturamento,
    newcomers as clientes_novos,
    (select sum(revenue) from months m where m.month <= months.month) as faturamento__year_to_date,
    (select sum(newcomers) from months m where m.month <= months.month)::bigint as clientes_novos__year_to_date
from months
order by month
