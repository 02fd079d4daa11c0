WITH "all groups" AS (
  SELECT
    "stores"."name" AS "store",
    1.0 * SUM("sales"."total_amount") FILTER(WHERE
      "sales"."status" = 'COMPLETED') / NULLIF(COUNT(*) FILTER(WHERE
      "sales"."status" = 'COMPLETED'), 0) AS "ticket_medio",
    COUNT(*) FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "qtd_vendas",
    COUNT(DISTINCT "sales"."customer_id") FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "clientes_unicos",
    SUM("sales"."total_amount") FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "faturamento",
    GROUPING("stores"."name") AS "grouping__set"
  FROM "restaurant"."sales" AS "sales"
  LEFT JOIN "restaurant"."stores" AS "stores"
    ON "stores"."id" = "sales"."store_id"
  GROUP BY
    GROUPING SETS (
      (1),
      ()
    )
), "numbered groups" AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY grouping__set
      ORDER BY "clientes_unicos" DESC NULLS LAST, "store" ASC
    ) AS "group__position"
  FROM "all groups"
  WHERE
    (
      "faturamento" > CAST($1 AS DECIMAL) OR grouping__set > 0
    )
)
SELECT
  "store",
  "ticket_medio",
  "qtd_vendas",
  grouping__set
FROM "numbered groups"
WHERE
  (
    grouping__set = 0
    AND group__position > CAST($2 AS BIGINT)
    AND group__position <= CAST($3 AS BIGINT)
  )
  OR grouping__set = 1
ORDER BY
  grouping__set,
  group__position;
-- $1: 100000
-- $2: 0
-- $3: 11
