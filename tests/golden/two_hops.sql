SELECT
  "products__categories"."name" AS "category",
  "sales__stores"."city" AS "city",
  SUM("product_sales"."quantity") FILTER(WHERE
    "sales"."status" = 'COMPLETED') AS "qtd_produtos",
  SUM("product_sales"."total_price") FILTER(WHERE
    "sales"."status" = 'COMPLETED') AS "receita_produtos"
FROM "restaurant"."product_sales" AS "product_sales"
LEFT JOIN "restaurant"."products" AS "products"
  ON "products"."id" = "product_sales"."product_id"
LEFT JOIN "restaurant"."categories" AS "products__categories"
  ON "products__categories"."id" = "products"."category_id"
LEFT JOIN "restaurant"."sales" AS "sales"
  ON "sales"."id" = "product_sales"."sale_id"
LEFT JOIN "restaurant"."stores" AS "sales__stores"
  ON "sales__stores"."id" = "sales"."store_id"
WHERE
  "sales"."created_at" >= CAST($1 AS TIMESTAMPTZ)
  AND "sales"."created_at" < CAST($2 AS TIMESTAMPTZ)
GROUP BY
  1,
  2
ORDER BY
  "qtd_produtos" DESC NULLS LAST,
  "category" ASC,
  "city" ASC
LIMIT CAST($3 AS BIGINT);
-- $1: datetime.datetime(2026, 1, 1, 3, 0, tzinfo=datetime.timezone.utc)
-- $2: datetime.datetime(2026, 2, 1, 3, 0, tzinfo=datetime.timezone.utc)
-- $3: 1001
