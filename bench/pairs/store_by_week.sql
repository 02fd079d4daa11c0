select st.name as store, date_trunc('week', s.created_at at time zone 'America/Sao_Paulo')::date as time__week,
       sum(s.total_amount) as faturamento, count(*) as qtd_vendas
from restaurant.sales s
join restaurant.stores st on st.id = s.store_id
where s.status = 'COMPLETED'
group by store, time__week
order by faturamento desc nulls last, store, time__week
limit $1
