select st.name as store, sum(s.total_amount) as faturamento, count(*) as qtd_vendas,
       sum(s.total_amount) / count(*) as ticket_medio
from restaurant.sales s
join restaurant.stores st on st.id = s.store_id
where s.status = 'COMPLETED'
group by rollup (st.name)
order by grouping(st.name), faturamento desc nulls last, store
limit $1
