select st.name as store, sum(s.total_amount) as faturamento, count(*) as qtd_vendas
from restaurant.sales s
join restaurant.stores st on st.id = s.store_id
where s.created_at >= '2026-01-01 00:00 America/Sao_Paulo' and s.created_at < '2026-02-01 00:00 America/Sao_Paulo'
  and s.status = 'COMPLETED'
group by store
having sum(s.total_amount) > 50000
order by faturamento desc nulls last, store
limit $1
