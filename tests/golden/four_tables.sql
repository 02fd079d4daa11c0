WITH "groups of sales" AS NOT MATERIALIZED (
  SELECT
    "channels"."name" AS "channel",
    CAST(DATE_TRUNC('month', "sales"."created_at" AT TIME ZONE 'America/Sao_Paulo') AS DATE) AS "time__month",
    SUM("sales"."total_amount") FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "faturamento",
    COUNT(*) FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "qtd_vendas"
  FROM "restaurant"."sales" AS "sales"
  LEFT JOIN "restaurant"."channels" AS "channels"
    ON "channels"."id" = "sales"."channel_id"
  WHERE
    "sales"."created_at" >= CAST($1 AS TIMESTAMPTZ)
    AND "sales"."created_at" < CAST($2 AS TIMESTAMPTZ)
    AND "sales"."channel_id" = ANY(
      CAST($3 AS BIGINT[])
    )
  GROUP BY
    1,
    2
), "groups of product_sales" AS NOT MATERIALIZED (
  SELECT
    "sales__channels"."name" AS "channel",
    CAST(DATE_TRUNC('month', "sales"."created_at" AT TIME ZONE 'America/Sao_Paulo') AS DATE) AS "time__month",
    SUM("product_sales"."quantity") FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "qtd_produtos"
  FROM "restaurant"."product_sales" AS "product_sales"
  LEFT JOIN "restaurant"."sales" AS "sales"
    ON "sales"."id" = "product_sales"."sale_id"
  LEFT JOIN "restaurant"."channels" AS "sales__channels"
    ON "sales__channels"."id" = "sales"."channel_id"
  WHERE
    "sales"."created_at" >= CAST($1 AS TIMESTAMPTZ)
    AND "sales"."created_at" < CAST($2 AS TIMESTAMPTZ)
    AND "sales"."channel_id" = ANY(
      CAST($3 AS BIGINT[])
    )
  GROUP BY
    1,
    2
), "groups of item_product_sales" AS NOT MATERIALIZED (
  SELECT
    "product_sales__sales__channels"."name" AS "channel",
    CAST(DATE_TRUNC('month', "product_sales__sales"."created_at" AT TIME ZONE 'America/Sao_Paulo') AS DATE) AS "time__month",
    SUM("item_product_sales"."quantity" * "item_product_sales"."price") FILTER(WHERE
      "product_sales__sales"."status" = 'COMPLETED') AS "receita_adicionais"
  FROM "restaurant"."item_product_sales" AS "item_product_sales"
  LEFT JOIN "restaurant"."product_sales" AS "product_sales"
    ON "product_sales"."id" = "item_product_sales"."product_sale_id"
  LEFT JOIN "restaurant"."sales" AS "product_sales__sales"
    ON "product_sales__sales"."id" = "product_sales"."sale_id"
  LEFT JOIN "restaurant"."channels" AS "product_sales__sales__channels"
    ON "product_sales__sales__channels"."id" = "product_sales__sales"."channel_id"
  WHERE
    "product_sales__sales"."created_at" >= CAST($1 AS TIMESTAMPTZ)
    AND "product_sales__sales"."created_at" < CAST($2 AS TIMESTAMPTZ)
    AND "product_sales__sales"."channel_id" = ANY(
      CAST($3 AS BIGINT[])
    )
  GROUP BY
    1,
    2
), "groups of payments" AS NOT MATERIALIZED (
  SELECT
    "sales__channels"."name" AS "channel",
    CAST(DATE_TRUNC('month', "sales"."created_at" AT TIME ZONE 'America/Sao_Paulo') AS DATE) AS "time__month",
    SUM("payments"."value") FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "valor_pago"
  FROM "restaurant"."payments" AS "payments"
  LEFT JOIN "restaurant"."sales" AS "sales"
    ON "sales"."id" = "payments"."sale_id"
  LEFT JOIN "restaurant"."channels" AS "sales__channels"
    ON "sales__channels"."id" = "sales"."channel_id"
  WHERE
    "sales"."created_at" >= CAST($1 AS TIMESTAMPTZ)
    AND "sales"."created_at" < CAST($2 AS TIMESTAMPTZ)
    AND "sales"."channel_id" = ANY(
      CAST($3 AS BIGINT[])
    )
  GROUP BY
    1,
    2
), "stacked groups" AS (
  SELECT
    "channel",
    "time__month",
    "faturamento",
    "qtd_vendas",
    NULL AS "qtd_produtos",
    (
      SELECT
        "receita_adicionais"
      FROM "groups of item_product_sales"
      LIMIT 0
    ) AS "receita_adicionais",
    (
      SELECT
        "valor_pago"
      FROM "groups of payments"
      LIMIT 0
    ) AS "valor_pago"
  FROM "groups of sales"
  UNION ALL
  SELECT
    "channel",
    "time__month",
    NULL AS "faturamento",
    NULL AS "qtd_vendas",
    "qtd_produtos",
    NULL AS "receita_adicionais",
    NULL AS "valor_pago"
  FROM "groups of product_sales"
  UNION ALL
  SELECT
    "channel",
    "time__month",
    NULL AS "faturamento",
    NULL AS "qtd_vendas",
    NULL AS "qtd_produtos",
    "receita_adicionais",
    NULL AS "valor_pago"
  FROM "groups of item_product_sales"
  UNION ALL
  SELECT
    "channel",
    "time__month",
    NULL AS "faturamento",
    NULL AS "qtd_vendas",
    NULL AS "qtd_produtos",
    NULL AS "receita_adicionais",
    "valor_pago"
  FROM "groups of payments"
), "all groups" AS (
  SELECT
    "channel",
    "time__month",
    MAX("faturamento") AS "faturamento",
    1.0 * MAX("faturamento") / NULLIF(COALESCE(MAX("qtd_vendas"), 0), 0) AS "ticket_medio",
    MAX("qtd_produtos") AS "qtd_produtos",
    MAX("receita_adicionais") AS "receita_adicionais",
    MAX("valor_pago") AS "valor_pago"
  FROM "stacked groups"
  GROUP BY
    1,
    2
)
SELECT
  "channel",
  "time__month",
  "faturamento",
  "ticket_medio",
  "qtd_produtos",
  "receita_adicionais",
  "valor_pago"
FROM "all groups"
ORDER BY
  "time__month" ASC,
  "channel" ASC
LIMIT CAST($4 AS BIGINT);
-- $1: datetime.datetime(2026, 1, 1, 3, 0, tzinfo=datetime.timezone.utc)
-- $2: datetime.datetime(2026, 2, 1, 3, 0, tzinfo=datetime.timezone.utc)
-- $3: [2, 3]
-- $4: 1001
