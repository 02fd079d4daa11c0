select p.name as product, count(*) as qtd_vendas, sum(s.total_amount) as faturamento
from restaurant.sales s
cross join restaurant.products p
join restaurant.categories c on c.id = p.category_id
where s.status = 'COMPLETED' and s.created_at >= '2026-03-17' and s.created_at < '2026-06-15'
  and c.name = 'Sorvetes'
  and exists (select from restaurant.product_sales l where (l.sale_id, l.product_id) = (s.id, p.id))
group by p.name
order by qtd_vendas desc, p.name
limit 20
