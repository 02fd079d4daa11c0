select st.name as store, count(distinct s.customer_id) as clientes_unicos
from restaurant.sales s
join restaurant.stores st on st.id = s.store_id
where s.status = 'COMPLETED'
group by store
order by clientes_unicos desc nulls last, store
limit $1
