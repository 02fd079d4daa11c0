select name as store, city
from restaurant.stores
where name ilike '%são%' or city ilike '%são%'
order by name
limit 20
