select date_trunc('hour', created_at, 'America/Sao_Paulo') as time__hour, count(*) as qtd_vendas
from restaurant.sales
where created_at >= '2026-01-05 00:00 America/Sao_Paulo' and created_at < '2026-01-06 00:00 America/Sao_Paulo'
  and status = 'COMPLETED'
group by time__hour
order by time__hour
limit $1
