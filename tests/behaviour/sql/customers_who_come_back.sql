with purchases as (
    select
        customer_id, created_at, total_amount, min(created_at) over (partition by customer_id) as first_at
    from restaurant.sales
    where status = 'COMPLETED' and customer_id is not null
)
select
    date_trunc('month', first_at)::date as primeira_visita__month,
    date_trunc('month', created_at)::date as time__month,
    count(distinct customer_id) as clientes_unicos,
    sum(total_amount) as faturamento
from purchases
where first_at >= '2025-12-01' and created_at >= '2025-12-01' and created_at < '2026-06-01'
group by 1, 2
order by 1, 2
