select
    d.neighborhood,
    count(*) filter (where s.status = 'COMPLETED') as qtd_vendas,
    avg(s.delivery_seconds / 60.0) filter (where s.status = 'COMPLETED') as tempo_medio_entrega,
    percentile_cont(0.9) within group (order by s.delivery_seconds / 60.0)
        filter (where s.status = 'COMPLETED') as p90_entrega
from restaurant.sales s
join restaurant.delivery_sales d on d.sale_id = s.id
where s.created_at >= '2025-06-01' and s.created_at < '2026-06-01'
  and to_char(s.created_at, 'ID') in ('6', '7') and s.delivery_seconds > 3600 and s.total_discount = 0
group by 1
order by qtd_vendas desc, d.neighborhood nulls last
limit 10
