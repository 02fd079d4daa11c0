with known as (
    select
        *,
        exists (
            select from restaurant.sales e
            where e.customer_id = s.customer_id and e.status = 'COMPLETED' and e.created_at < s.created_at
        ) as came_before
    from restaurant.sales s
)
select
    date_trunc('month', created_at)::date as time__month,
    case when customer_id is null then null when came_before then 'returning' else 'new' end as tipo_cliente,
    sum(total_amount) filter (where status = 'COMPLETED') as faturamento,
    count(*) filter (where status = 'COMPLETED') as qtd_vendas,
    count(distinct customer_id) filter (where status = 'COMPLETED') as clientes_unicos
from known
where created_at >= '2025-06-01' and created_at < '2026-06-01'
group by 1, 2
order by 1, 2
