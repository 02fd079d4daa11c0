SELECT
  DATE_BIN(
    '15 minutes',
    "sales"."created_at",
    CAST('2000-01-01 00:00:00' AS TIMESTAMP) AT TIME ZONE 'America/Sao_Paulo'
  ) AS "time__minute_15",
  COUNT(*) FILTER(WHERE
    "sales"."status" = 'COMPLETED') AS "qtd_vendas"
FROM "restaurant"."sales" AS "sales"
WHERE
  "sales"."created_at" >= CAST($1 AS TIMESTAMPTZ)
  AND "sales"."created_at" < CAST($2 AS TIMESTAMPTZ)
GROUP BY
  1
ORDER BY
  "time__minute_15" ASC
LIMIT CAST($3 AS BIGINT);
-- $1: datetime.datetime(2026, 1, 5, 12, 0, tzinfo=datetime.timezone.utc)
-- $2: datetime.datetime(2026, 1, 5, 18, 0, tzinfo=datetime.timezone.utc)
-- $3: 1001
