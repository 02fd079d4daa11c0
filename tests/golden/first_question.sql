SELECT
  "channels"."name" AS "channel",
  SUM("sales"."total_amount") FILTER(WHERE
    "sales"."status" = 'COMPLETED') AS "faturamento",
  1.0 * SUM("sales"."total_amount") FILTER(WHERE
    "sales"."status" = 'COMPLETED') / NULLIF(COUNT(*) FILTER(WHERE
    "sales"."status" = 'COMPLETED'), 0) AS "ticket_medio"
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
  1
ORDER BY
  "faturamento" DESC NULLS LAST,
  "channel" ASC
LIMIT CAST($4 AS BIGINT);
-- $1: datetime.datetime(2026, 1, 1, 3, 0, tzinfo=datetime.timezone.utc)
-- $2: datetime.datetime(2026, 2, 1, 3, 0, tzinfo=datetime.timezone.utc)
-- $3: [2, 3]
-- $4: 1001
