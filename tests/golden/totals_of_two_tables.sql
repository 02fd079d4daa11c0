WITH "groups of sales" AS NOT MATERIALIZED (
  SELECT
    "stores"."city" AS "city",
    COUNT(*) FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "qtd_vendas",
    GROUPING("stores"."city") AS "grouping__set"
  FROM "restaurant"."sales" AS "sales"
  LEFT JOIN "restaurant"."stores" AS "stores"
    ON "stores"."id" = "sales"."store_id"
  GROUP BY
    GROUPING SETS (
      (1),
      ()
    )
), "groups of product_sales" AS NOT MATERIALIZED (
  SELECT
    "sales__stores"."city" AS "city",
    SUM("product_sales"."quantity") FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "qtd_produtos",
    GROUPING("sales__stores"."city") AS "grouping__set"
  FROM "restaurant"."product_sales" AS "product_sales"
  LEFT JOIN "restaurant"."sales" AS "sales"
    ON "sales"."id" = "product_sales"."sale_id"
  LEFT JOIN "restaurant"."stores" AS "sales__stores"
    ON "sales__stores"."id" = "sales"."store_id"
  GROUP BY
    GROUPING SETS (
      (1),
      ()
    )
), "stacked groups" AS (
  SELECT
    "city",
    "grouping__set",
    "qtd_vendas",
    NULL AS "qtd_produtos"
  FROM "groups of sales"
  UNION ALL
  SELECT
    "city",
    "grouping__set",
    NULL AS "qtd_vendas",
    "qtd_produtos"
  FROM "groups of product_sales"
), "all groups" AS (
  SELECT
    "city",
    COALESCE(MAX("qtd_vendas"), 0) AS "qtd_vendas",
    MAX("qtd_produtos") AS "qtd_produtos",
    "grouping__set"
  FROM "stacked groups"
  GROUP BY
    1,
    4
), "numbered groups" AS (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY grouping__set ORDER BY "qtd_vendas" DESC NULLS LAST, "city" ASC) AS "group__position"
  FROM "all groups"
)
SELECT
  "city",
  "qtd_vendas",
  "qtd_produtos",
  grouping__set
FROM "numbered groups"
WHERE
  (
    grouping__set = 0
    AND group__position > CAST($1 AS BIGINT)
    AND group__position <= CAST($2 AS BIGINT)
  )
  OR grouping__set = 1
ORDER BY
  grouping__set,
  group__position;
-- $1: 0
-- $2: 1001
