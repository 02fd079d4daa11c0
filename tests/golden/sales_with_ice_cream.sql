SELECT
  "channels"."name" AS "channel",
  COUNT(*) FILTER(WHERE
    "sales"."status" = 'COMPLETED') AS "qtd_vendas"
FROM "restaurant"."sales" AS "sales"
LEFT JOIN "restaurant"."channels" AS "channels"
  ON "channels"."id" = "sales"."channel_id"
WHERE
  NOT (
    "sales"."id" IN (
      SELECT
        "product_sales"."sale_id"
      FROM "restaurant"."product_sales" AS "product_sales"
      LEFT JOIN "restaurant"."products" AS "products"
        ON "products"."id" = "product_sales"."product_id"
      LEFT JOIN "restaurant"."categories" AS "products__categories"
        ON "products__categories"."id" = "products"."category_id"
      WHERE
        "product_sales"."id" IN (
          SELECT
            "item_product_sales"."product_sale_id"
          FROM "restaurant"."item_product_sales" AS "item_product_sales"
          LEFT JOIN "restaurant"."items" AS "items"
            ON "items"."id" = "item_product_sales"."item_id"
          WHERE
            "items"."name" = $1
        )
    )
  ) IS TRUE
  AND "sales"."id" IN (
    SELECT
      "product_sales"."sale_id"
    FROM "restaurant"."product_sales" AS "product_sales"
    LEFT JOIN "restaurant"."products" AS "products"
      ON "products"."id" = "product_sales"."product_id"
    LEFT JOIN "restaurant"."categories" AS "products__categories"
      ON "products__categories"."id" = "products"."category_id"
    WHERE
      "products__categories"."name" = $2
      AND "product_sales"."quantity" >= CAST($3 AS BIGINT)
  )
GROUP BY
  1
ORDER BY
  "qtd_vendas" DESC NULLS LAST,
  "channel" ASC
LIMIT CAST($4 AS BIGINT);
-- $1: 'Queijo'
-- $2: 'Sorvetes'
-- $3: 3
-- $4: 1001
