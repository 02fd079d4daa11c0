-- A left join and filters, not an inner join and a condition: a neighborhood with cancelled sales only is a group, too.
select d.neighborhood,
       avg(s.delivery_seconds / 60.0) filter (where s.status = 'COMPLETED') as tempo_medio_entrega,
       percentile_cont(0.5) within group (order by s.delivery_seconds / 60.0)
         filter (where s.status = 'COMPLETED') as p50_entrega,
       percentile_cont(0.9) within group (order by s.delivery_seconds / 60.0)
         filter (where s.status = 'COMPLETED') as p90_entrega,
       percentile_cont(0.95) within group (order by s.delivery_seconds / 60.0)
         filter (where s.status = 'COMPLETED') as p95_entrega
from restaurant.sales s
left join restaurant.delivery_sales d on d.sale_id = s.id
group by neighborhood
order by p95_entrega desc nulls last, neighborhood
limit $1
