with quarter as (
    select date_trunc('month', created_at)::date as month, store_id, total_amount
    from restaurant.sales
    where status = 'COMPLETED' and created_at >= '2026-03-01' and created_at < '2026-06-01'
),
best as (
    select q.store_id, t.name
    from quarter q join restaurant.stores t on t.id = q.store_id
    group by q.store_id, t.name
    order by sum(q.total_amount) desc, t.name
    limit 5
)
select
    q.month as time__month,
    b.name as store,
    b.name is null as store__others,
    sum(q.total_amount) as faturamento,
    count(*) as qtd_vendas
from quarter q
left join best b on b.store_id = q.store_id
group by q.month, b.name
order by q.month, b.name is null, faturamento desc
