SELECT
  "time__month",
  "store",
  "qtd_vendas"
FROM (
  SELECT
    CAST(DATE_TRUNC('month', "sales"."created_at" AT TIME ZONE 'America/Sao_Paulo') AS DATE) AS "time__month",
    "stores"."name" AS "store",
    COUNT(*) FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "qtd_vendas"
  FROM "restaurant"."sales" AS "sales"
  LEFT JOIN "restaurant"."stores" AS "stores"
    ON "stores"."id" = "sales"."store_id"
  WHERE
    "sales"."created_at" >= CAST($1 AS TIMESTAMPTZ)
    AND "sales"."created_at" < CAST($2 AS TIMESTAMPTZ)
  GROUP BY
    1,
    2
) AS groups
ORDER BY
  "time__month" ASC,
  "store" ASC
LIMIT CAST($3 AS BIGINT);
-- $1: datetime.datetime(2026, 1, 1, 3, 0, tzinfo=datetime.timezone.utc)
-- $2: datetime.datetime(2026, 2, 1, 3, 0, tzinfo=datetime.timezone.utc)
-- $3: 1001
