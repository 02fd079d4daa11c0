with days as (
    select
        day::date as day,
        sum(s.total_amount) as revenue,
        count(s.id) as sales
    from generate_series(timestamp '2026-05-01', '2026-06-14', '1 day') day
    left join restaurant.sales s on s.created_at::date = day::date and s.status = 'COMPLETED'
    group by 1
)
select
    day as time__day,
    revenue as faturamento,
    sales as qtd_vendas,
    (select sum(revenue) from days d where d.day between '2026-05-16' and days.day) as faturamento__running,
    (select sum(revenue) from days d where d.day between days.day - 6 and days.day) as faturamento__rolling_7,
    (
        select sum(revenue) / nullif(sum(sales), 0) from days d where d.day between days.day - 6 and days.day
    ) as ticket_medio__rolling_7
from days
where day >= '2026-05-16'
order by day
