with asked as materialized (
  select id, channel_id, total_amount,
         date_trunc('month', created_at at time zone 'America/Sao_Paulo')::date as time__month
  from restaurant.sales
  where created_at >= '2025-06-15 00:00 America/Sao_Paulo' and created_at < '2026-06-15 00:00 America/Sao_Paulo'
    and status = 'COMPLETED'
), revenue as (
  select channel_id, time__month, sum(total_amount) as faturamento from asked group by 1, 2
), products as (
  select channel_id, time__month, sum(quantity) as qtd_produtos
  from asked join restaurant.product_sales p on p.sale_id = asked.id
  group by 1, 2
), items as (
  select channel_id, time__month, sum(i.quantity * i.price) as receita_adicionais
  from asked
  join restaurant.product_sales p on p.sale_id = asked.id
  join restaurant.item_product_sales i on i.product_sale_id = p.id
  group by 1, 2
), paid as (
  select channel_id, time__month, sum(value) as valor_pago
  from asked join restaurant.payments p on p.sale_id = asked.id
  group by 1, 2
)
select c.name as channel, time__month, faturamento, qtd_produtos, receita_adicionais, valor_pago
from revenue
join restaurant.channels c on c.id = revenue.channel_id
left join products using (channel_id, time__month)
left join items using (channel_id, time__month)
left join paid using (channel_id, time__month)
order by time__month, channel
limit $1
