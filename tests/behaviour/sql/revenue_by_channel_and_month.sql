select
    date_trunc('month', s.created_at)::date as time__month,
    c.name as channel,
    sum(s.total_amount) filter (where s.status = 'COMPLETED') as faturamento,
    count(*) filter (where s.status = 'COMPLETED') as qtd_vendas
from restaurant.sales s
join restaurant.channels c on c.id = s.channel_id
where s.created_at >= '2025-06-01' and s.created_at < '2026-06-01'
group by 1, 2
order by 1, 2
