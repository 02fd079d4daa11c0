select c.name as channel, date_trunc('month', s.created_at at time zone 'America/Sao_Paulo')::date as time__month,
       sum(s.total_amount) as faturamento
from restaurant.sales s
join restaurant.channels c on c.id = s.channel_id
where s.status = 'COMPLETED'
group by channel, time__month
order by time__month, channel
limit $1
