WITH "groups of sales" AS NOT MATERIALIZED (
  SELECT
    COUNT(*) FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "qtd_vendas"
  FROM "restaurant"."sales" AS "sales"
), "groups of product_sales" AS NOT MATERIALIZED (
  SELECT
    SUM("product_sales"."quantity") FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "qtd_produtos"
  FROM "restaurant"."product_sales" AS "product_sales"
  LEFT JOIN "restaurant"."sales" AS "sales"
    ON "sales"."id" = "product_sales"."sale_id"
), "stacked groups" AS (
  SELECT
    "qtd_vendas",
    NULL AS "qtd_produtos"
  FROM "groups of sales"
  UNION ALL
  SELECT
    NULL AS "qtd_vendas",
    "qtd_produtos"
  FROM "groups of product_sales"
), "all groups" AS (
  SELECT
    COALESCE(MAX("qtd_vendas"), 0) AS "qtd_vendas",
    MAX("qtd_produtos") AS "qtd_produtos"
  FROM "stacked groups"
)
SELECT
  "qtd_vendas",
  "qtd_produtos"
FROM "all groups";
