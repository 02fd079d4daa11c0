SELECT
  "delivery_sales"."neighborhood" AS "neighborhood",
  AVG("sales"."delivery_seconds" / 60.0) FILTER(WHERE
    "sales"."status" = 'COMPLETED') AS "tempo_medio_entrega",
  PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY
    "sales"."delivery_seconds" / 60.0) FILTER(WHERE
    "sales"."status" = 'COMPLETED') AS "p50_entrega",
  PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY
    "sales"."delivery_seconds" / 60.0) FILTER(WHERE
    "sales"."status" = 'COMPLETED') AS "p90_entrega",
  PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY
    "sales"."delivery_seconds" / 60.0) FILTER(WHERE
    "sales"."status" = 'COMPLETED') AS "p95_entrega"
FROM "restaurant"."sales" AS "sales"
LEFT JOIN "restaurant"."delivery_sales" AS "delivery_sales"
  ON "delivery_sales"."sale_id" = "sales"."id"
GROUP BY
  1
ORDER BY
  "p95_entrega" DESC NULLS LAST,
  "neighborhood" ASC
LIMIT CAST($1 AS BIGINT);
-- $1: 11
