select
    extract(isodow from created_at)::int as time__day_of_week,
    extract(hour from created_at)::int as time__hour_of_day,
    count(*) filter (where status = 'COMPLETED') as qtd_vendas,
    avg(total_amount) filter (where status = 'COMPLETED') as ticket_medio
from restaurant.sales
where created_at >= '2026-03-23' and created_at < '2026-06-15'
  and extract(isodow from created_at) >= 4 and extract(hour from created_at) >= 17
group by 1, 2
order by 1, 2
