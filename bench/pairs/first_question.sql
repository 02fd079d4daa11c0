select c.name as channel, sum(s.total_amount) as faturamento, sum(s.total_amount) / count(*) as ticket_medio
from restaurant.sales s
join restaurant.channels c on c.id = s.channel_id
where s.created_at >= '2026-01-01 00:00 America/Sao_Paulo' and s.created_at < '2026-02-01 00:00 America/Sao_Paulo'
  and s.channel_id in (2, 3)
  and s.status = 'COMPLETED'
group by c.name
order by faturamento desc nulls last, channel
limit $1
