WITH "groups of sales" AS NOT MATERIALIZED (
  SELECT
    "rows"."product" AS "product",
    "rows"."channel" AS "channel",
    SUM("rows"."faturamento") FILTER(WHERE
      "rows"."faturamento counts") AS "faturamento",
    COUNT(*) FILTER(WHERE
      "rows"."qtd_vendas counts") AS "qtd_vendas",
    0 AS "grouping__set"
  FROM (
    SELECT DISTINCT
      "product_sales__products"."name" AS "product",
      "channels"."name" AS "channel",
      "sales"."total_amount" AS "faturamento",
      "sales"."status" = 'COMPLETED' AS "faturamento counts",
      "sales"."status" = 'COMPLETED' AS "qtd_vendas counts",
      "sales"."id" AS "key 1"
    FROM "restaurant"."sales" AS "sales"
    LEFT JOIN "restaurant"."product_sales" AS "product_sales"
      ON "product_sales"."sale_id" = "sales"."id"
    LEFT JOIN "restaurant"."products" AS "product_sales__products"
      ON "product_sales__products"."id" = "product_sales"."product_id"
    LEFT JOIN "restaurant"."channels" AS "channels"
      ON "channels"."id" = "sales"."channel_id"
    LEFT JOIN "restaurant"."categories" AS "product_sales__products__categories"
      ON "product_sales__products__categories"."id" = "product_sales__products"."category_id"
    WHERE
      "product_sales__products__categories"."name" = $1
  ) AS rows
  GROUP BY
    1,
    2
), "groups of sales 2" AS NOT MATERIALIZED (
  SELECT
    SUM("rows"."faturamento") FILTER(WHERE
      "rows"."faturamento counts") AS "faturamento",
    COUNT(*) FILTER(WHERE
      "rows"."qtd_vendas counts") AS "qtd_vendas",
    3 AS "grouping__set"
  FROM (
    SELECT DISTINCT
      "sales"."total_amount" AS "faturamento",
      "sales"."status" = 'COMPLETED' AS "faturamento counts",
      "sales"."status" = 'COMPLETED' AS "qtd_vendas counts",
      "sales"."id" AS "key 1"
    FROM "restaurant"."sales" AS "sales"
    LEFT JOIN "restaurant"."product_sales" AS "product_sales"
      ON "product_sales"."sale_id" = "sales"."id"
    LEFT JOIN "restaurant"."products" AS "product_sales__products"
      ON "product_sales__products"."id" = "product_sales"."product_id"
    LEFT JOIN "restaurant"."channels" AS "channels"
      ON "channels"."id" = "sales"."channel_id"
    LEFT JOIN "restaurant"."categories" AS "product_sales__products__categories"
      ON "product_sales__products__categories"."id" = "product_sales__products"."category_id"
    WHERE
      "product_sales__products__categories"."name" = $1
  ) AS rows
), "stacked groups" AS (
  SELECT
    "product",
    "channel",
    "grouping__set",
    "faturamento",
    "qtd_vendas"
  FROM "groups of sales"
  UNION ALL
  SELECT
    NULL AS "product",
    NULL AS "channel",
    "grouping__set",
    "faturamento",
    "qtd_vendas"
  FROM "groups of sales 2"
), "all groups" AS (
  SELECT
    "product",
    "channel",
    MAX("faturamento") AS "faturamento",
    COALESCE(MAX("qtd_vendas"), 0) AS "qtd_vendas",
    "grouping__set"
  FROM "stacked groups"
  GROUP BY
    1,
    2,
    5
), "numbered groups" AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY grouping__set
      ORDER BY "faturamento" DESC NULLS LAST, "product" ASC, "channel" ASC
    ) AS "group__position"
  FROM "all groups"
)
SELECT
  "product",
  "channel",
  "faturamento",
  "qtd_vendas",
  grouping__set
FROM "numbered groups"
WHERE
  (
    grouping__set = 0
    AND group__position > CAST($2 AS BIGINT)
    AND group__position <= CAST($3 AS BIGINT)
  )
  OR grouping__set = 3
ORDER BY
  grouping__set,
  group__position;
-- $1: 'Sorvetes'
-- $2: 0
-- $3: 1001
