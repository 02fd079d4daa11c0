select
    t.state,
    c.name as channel,
    count(distinct s.customer_id) filter (where s.status = 'COMPLETED') as clientes_unicos,
    avg(s.total_amount) filter (where s.status = 'COMPLETED') as ticket_medio
from restaurant.sales s
join restaurant.stores t on t.id = s.store_id
join restaurant.channels c on c.id = s.channel_id
where s.created_at >= '2026-03-17' and s.created_at < '2026-06-15'
group by 1, 2
order by 1, 2
