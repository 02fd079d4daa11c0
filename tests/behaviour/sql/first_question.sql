select c.name as channel, sum(s.total_amount) as faturamento, avg(s.total_amount) as ticket_medio
from restaurant.sales s
join restaurant.channels c on c.id = s.channel_id
where s.status = 'COMPLETED' and c.name in ('iFood', 'Rappi')
  and s.created_at >= '2026-05-01' and s.created_at < '2026-06-01'
group by c.name
order by faturamento desc
