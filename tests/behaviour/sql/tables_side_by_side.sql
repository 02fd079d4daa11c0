with done as (
    select s.id, c.name as channel, date_trunc('month', s.created_at)::date as month, s.total_amount
    from restaurant.sales s
    join restaurant.channels c on c.id = s.channel_id
    where s.status = 'COMPLETED' and s.created_at >= '2026-03-01' and s.created_at < '2026-06-01'
)
select
    channel,
    month as time__month,
    sum(total_amount) as faturamento,
    (
        select sum(l.quantity)
        from restaurant.product_sales l join done d on d.id = l.sale_id
        where (d.channel, d.month) = (done.channel, done.month)
    )::bigint as qtd_produtos,
    (
        select sum(a.quantity * a.price)
        from restaurant.item_product_sales a
        join restaurant.product_sales l on l.id = a.product_sale_id
        join done d on d.id = l.sale_id
        where (d.channel, d.month) = (done.channel, done.month)
    ) as receita_adicionais,
    (
        select sum(p.value)
        from restaurant.payments p join done d on d.id = p.sale_id
        where (d.channel, d.month) = (done.channel, done.month)
    ) as valor_pago,
    (
        select count(*)
        from restaurant.payments p join done d on d.id = p.sale_id
        where (d.channel, d.month) = (done.channel, done.month)
    ) as qtd_pagamentos
from done
group by channel, month
order by channel, month
