select count(*) as qtd_vendas, sum(total_amount) as faturamento
from restaurant.sales s
where status = 'COMPLETED' and created_at >= '2026-03-17' and created_at < '2026-06-15'
  and exists (
      select
      from restaurant.product_sales l
      join restaurant.products p on p.id = l.product_id
      join restaurant.categories c on c.id = p.category_id
      where l.sale_id = s.id and c.name = 'Sorvetes'
  )
