with baskets as (
    select distinct s.id as sale_id, l.product_id, p.name
    from restaurant.sales s
    join restaurant.product_sales l on l.sale_id = s.id
    join restaurant.products p on p.id = l.product_id
    where s.status = 'COMPLETED' and s.created_at >= '2025-06-01' and s.created_at < '2026-06-01'
)
select a.name as product_a, b.name as product_b, count(*) as vendas_juntas
from baskets a
join baskets b on b.sale_id = a.sale_id and a.product_id < b.product_id
group by 1, 2
order by 3 desc, 1, 2
limit 10
