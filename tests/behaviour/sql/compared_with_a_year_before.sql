with months as (
    select
        date_trunc('month', created_at)::date as month, sum(total_amount) as revenue, count(*) as sales
    from restaurant.sales
    where status = 'COMPLETED'
    group by 1
)
select
    now.month as time__month,
    now.revenue as faturamento,
    before.revenue as faturamento__previous,
    now.revenue - before.revenue as faturamento__change,
    (now.revenue - before.revenue) / before.revenue as faturamento__change_ratio,
    now.sales as qtd_vendas,
    before.sales as qtd_vendas__previous,
    now.sales - before.sales as qtd_vendas__change,
    (now.sales - before.sales)::numeric / before.sales as qtd_vendas__change_ratio
from months now
left join months before on before.month = now.month - interval '1 year'
where now.month between '2025-12-01' and '2026-05-01'
order by 1
