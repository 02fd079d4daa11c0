with sold as (
    select
        c.name as category, p.name as product, sum(l.quantity) as units, sum(l.total_price) as revenue,
        row_number() over (partition by c.name order by sum(l.quantity) desc, p.name) as place
    from restaurant.sales s
    join restaurant.product_sales l on l.sale_id = s.id
    join restaurant.products p on p.id = l.product_id
    join restaurant.categories c on c.id = p.category_id
    where s.status = 'COMPLETED' and s.created_at >= '2026-03-17' and s.created_at < '2026-06-15'
    group by c.name, p.name
)
select category, product, units::bigint as qtd_produtos, revenue as receita_produtos
from sold
where place <= 3
order by category, units desc, product
