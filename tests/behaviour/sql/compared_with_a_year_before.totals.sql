with sides as (
    select created_at >= '2025-12-01' as is_now, sum(total_amount) as revenue, count(*) as sales
    from restaurant.sales
    where status = 'COMPLETED'
      and (
          created_at >= '2025-12-01' and created_at < '2026-06-01'
          or created_at >= '2024-12-01' and created_at < '2025-06-01'
      )
    group by 1
)
select
    now.revenue as faturamento,
    before.revenue as faturamento__previous,
    now.revenue - before.revenue as faturamento__change,
    now.revenue / before.revenue - 1 as faturamento__change_ratio,
    now.sales as qtd_vendas,
    before.sales as qtd_vendas__previous,
    now.sales - before.sales as qtd_vendas__change,
    now.sales::numeric / before.sales - 1 as qtd_vendas__change_ratio
from sides now, sides before
where now.is_now and not before.is_now
