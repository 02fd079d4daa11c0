select d.neighborhood, avg(s.delivery_seconds / 60.0) as tempo_medio_entrega,
       percentile_cont(0.5) within group (order by s.delivery_seconds / 60.0) as p50_entrega,
       percentile_cont(0.9) within group (order by s.delivery_seconds / 60.0) as p90_entrega,
       percentile_cont(0.95) within group (order by s.delivery_seconds / 60.0) as p95_entrega
from restaurant.sales s
left join restaurant.delivery_sales d on d.sale_id = s.id
where s.status = 'COMPLETED'
group by neighborhood
order by p95_entrega desc nulls last, neighborhood
limit $1
