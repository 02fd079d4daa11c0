select relation, count(*), extract(epoch from clock_timestamp() - max(at))::float8
from servery.changes
group by relation
