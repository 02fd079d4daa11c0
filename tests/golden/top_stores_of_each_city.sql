WITH "all groups" AS (
  SELECT
    "stores"."city" AS "city",
    "stores"."name" AS "store",
    COUNT(*) FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "qtd_vendas",
    SUM("sales"."total_amount") FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "faturamento"
  FROM "restaurant"."sales" AS "sales"
  LEFT JOIN "restaurant"."stores" AS "stores"
    ON "stores"."id" = "sales"."store_id"
  GROUP BY
    1,
    2
), "measured groups" AS (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY "city" ORDER BY "faturamento" DESC NULLS LAST, "store" ASC) AS "top__rank"
  FROM "all groups"
)
SELECT
  "city",
  "store",
  "qtd_vendas"
FROM "measured groups"
WHERE
  (
    top__rank <= CAST($1 AS BIGINT)
  )
ORDER BY
  "faturamento" DESC NULLS LAST,
  "city" ASC,
  "store" ASC
LIMIT CAST($2 AS BIGINT);
-- $1: 3
-- $2: 1001
