select c.name as channel, count(*) as qtd_vendas, sum(s.total_amount) as faturamento
from restaurant.sales s
join restaurant.channels c on c.id = s.channel_id
where s.status = 'COMPLETED'
  and s.id in (
    select l.sale_id
    from restaurant.product_sales l
    join restaurant.products p on p.id = l.product_id
    join restaurant.categories k on k.id = p.category_id
    where k.name = 'Sorvetes'
  )
group by channel
order by qtd_vendas desc nulls last, channel
limit $1
