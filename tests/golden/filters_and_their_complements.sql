SELECT
  COUNT(DISTINCT "sales"."customer_id") FILTER(WHERE
    "sales"."status" = 'COMPLETED') AS "clientes_unicos"
FROM "restaurant"."sales" AS "sales"
LEFT JOIN "restaurant"."stores" AS "stores"
  ON "stores"."id" = "sales"."store_id"
LEFT JOIN "restaurant"."customers" AS "customers"
  ON "customers"."id" = "sales"."customer_id"
LEFT JOIN "restaurant"."delivery_sales" AS "delivery_sales"
  ON "delivery_sales"."sale_id" = "sales"."id"
WHERE
  "stores"."city" IS DISTINCT FROM $1
  AND "customers"."created_at" < CAST($2 AS TIMESTAMPTZ)
  AND NOT (
    "sales"."discount_reason" = ANY(
      $3
    ) OR "sales"."discount_reason" IS NULL
  ) IS TRUE
  AND NOT "delivery_sales"."neighborhood" IS NULL
  AND NOT (
    EXTRACT(HOUR FROM "sales"."created_at" AT TIME ZONE 'America/Sao_Paulo') >= CAST($4 AS BIGINT)
    OR CAST("stores"."name" AS TEXT) LIKE CAST($5 AS TEXT)
  ) IS TRUE;
-- $1: 'Recife'
-- $2: datetime.datetime(2025, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)
-- $3: ['Cupom']
-- $4: 22
-- $5: '%50\\%%'
