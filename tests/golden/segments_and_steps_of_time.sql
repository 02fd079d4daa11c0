SELECT
  "channels"."name" AS "channel",
  COUNT(*) FILTER(WHERE
    "sales"."status" = 'COMPLETED') AS "qtd_vendas"
FROM "restaurant"."sales" AS "sales"
LEFT JOIN "restaurant"."channels" AS "channels"
  ON "channels"."id" = "sales"."channel_id"
WHERE
  (
    "sales"."total_discount" > 0
  )
  AND CAST(EXTRACT(isodow FROM "sales"."created_at" AT TIME ZONE 'America/Sao_Paulo') AS INT) = ANY(
    CAST($1 AS BIGINT[])
  )
  AND "sales"."created_at" >= CAST($2 AS TIMESTAMPTZ)
  AND NOT (
    "sales"."created_at" >= CAST($3 AS TIMESTAMPTZ)
    AND "sales"."created_at" < CAST($4 AS TIMESTAMPTZ)
  ) IS TRUE
GROUP BY
  1
ORDER BY
  "qtd_vendas" DESC NULLS LAST,
  "channel" ASC
LIMIT CAST($5 AS BIGINT);
-- $1: [6, 7]
-- $2: datetime.datetime(2026, 1, 1, 3, 0, tzinfo=datetime.timezone.utc)
-- $3: datetime.datetime(2026, 1, 10, 3, 0, tzinfo=datetime.timezone.utc)
-- $4: datetime.datetime(2026, 1, 11, 3, 0, tzinfo=datetime.timezone.utc)
-- $5: 1001
