SELECT
  "time__day",
  "weekday",
  "qtd_vendas"
FROM (
  SELECT
    CAST("sales"."created_at" AT TIME ZONE 'Asia/Kolkata' AS DATE) AS "time__day",
    CAST(EXTRACT(ISODOW FROM "sales"."created_at" AT TIME ZONE 'Asia/Kolkata') AS BIGINT) AS "weekday",
    COUNT(*) FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "qtd_vendas"
  FROM "restaurant"."sales" AS "sales"
  WHERE
    "sales"."created_at" >= CAST($1 AS TIMESTAMPTZ)
    AND "sales"."created_at" < CAST($2 AS TIMESTAMPTZ)
  GROUP BY
    1,
    2
) AS groups
ORDER BY
  "time__day" ASC,
  "weekday" ASC
LIMIT CAST($3 AS BIGINT);
-- $1: datetime.datetime(2026, 1, 1, 3, 0, tzinfo=datetime.timezone.utc)
-- $2: datetime.datetime(2026, 2, 1, 3, 0, tzinfo=datetime.timezone.utc)
-- $3: 1001
