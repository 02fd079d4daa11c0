select count(distinct customer_id) as clientes_unicos, avg(total_amount) as ticket_medio
from restaurant.sales
where status = 'COMPLETED' and created_at >= '2026-03-17' and created_at < '2026-06-15'
