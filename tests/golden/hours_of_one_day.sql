SELECT
  DATE_TRUNC('hour', "sales"."created_at", 'America/Sao_Paulo') AS "time__hour",
  COUNT(*) FILTER(WHERE
    "sales"."status" = 'COMPLETED') AS "qtd_vendas"
FROM "restaurant"."sales" AS "sales"
WHERE
  "sales"."created_at" >= CAST($1 AS TIMESTAMPTZ)
  AND "sales"."created_at" < CAST($2 AS TIMESTAMPTZ)
GROUP BY
  1
ORDER BY
  "time__hour" ASC
LIMIT CAST($3 AS BIGINT);
-- $1: datetime.datetime(2026, 1, 5, 3, 0, tzinfo=datetime.timezone.utc)
-- $2: datetime.datetime(2026, 1, 6, 3, 0, tzinfo=datetime.timezone.utc)
-- $3: 1001
