select
    s.customer_id,
    k.name as customer,
    count(*) as qtd_vendas,
    sum(s.total_amount) as faturamento,
    max(s.created_at) as ultima_compra
from restaurant.sales s
join restaurant.customers k on k.id = s.customer_id
where s.status = 'COMPLETED'
group by s.customer_id, k.name
having count(*) >= 3 and max(s.created_at) < '2026-05-16'
order by faturamento desc
limit 50
