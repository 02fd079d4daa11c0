select distinct name as store, city
from restaurant.stores
order by store, city
limit $1
