with parts as (
    select t.city, c.name as channel, sum(s.total_amount) filter (where s.status = 'COMPLETED') as revenue
    from restaurant.sales s
    join restaurant.stores t on t.id = s.store_id
    join restaurant.channels c on c.id = s.channel_id
    where s.created_at >= '2026-03-17' and s.created_at < '2026-06-15'
    group by 1, 2
)
select
    city,
    channel,
    revenue as faturamento,
    revenue / (select sum(revenue) from parts p where p.city = parts.city) as faturamento__share
from parts
order by city, faturamento__share desc nulls last, channel
