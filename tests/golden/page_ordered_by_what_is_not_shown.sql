SELECT
  "stores"."name" AS "store",
  COUNT(*) FILTER(WHERE
    "sales"."status" = 'COMPLETED') AS "qtd_vendas"
FROM "restaurant"."sales" AS "sales"
LEFT JOIN "restaurant"."stores" AS "stores"
  ON "stores"."id" = "sales"."store_id"
GROUP BY
  1
ORDER BY
  SUM("sales"."total_amount") FILTER(WHERE
    "sales"."status" = 'COMPLETED') DESC NULLS LAST,
  "store" ASC
LIMIT CAST($1 AS BIGINT)
OFFSET CAST($2 AS BIGINT);
-- $1: 21
-- $2: 40
