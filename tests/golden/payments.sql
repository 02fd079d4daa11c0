SELECT
  "payment_type",
  "time__quarter",
  "valor_pago",
  "qtd_pagamentos"
FROM (
  SELECT
    "payment_types"."name" AS "payment_type",
    CAST(DATE_TRUNC('quarter', "sales"."created_at" AT TIME ZONE 'America/Sao_Paulo') AS DATE) AS "time__quarter",
    SUM("payments"."value") FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "valor_pago",
    COUNT(*) FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "qtd_pagamentos"
  FROM "restaurant"."payments" AS "payments"
  LEFT JOIN "restaurant"."payment_types" AS "payment_types"
    ON "payment_types"."id" = "payments"."payment_type_id"
  LEFT JOIN "restaurant"."sales" AS "sales"
    ON "sales"."id" = "payments"."sale_id"
  WHERE
    "sales"."created_at" >= CAST($1 AS TIMESTAMPTZ)
    AND "sales"."created_at" < CAST($2 AS TIMESTAMPTZ)
  GROUP BY
    1,
    2
) AS groups
ORDER BY
  "time__quarter" ASC,
  "payment_type" ASC
LIMIT CAST($3 AS BIGINT);
-- $1: datetime.datetime(2025, 1, 1, 3, 0, tzinfo=datetime.timezone.utc)
-- $2: datetime.datetime(2026, 1, 1, 3, 0, tzinfo=datetime.timezone.utc)
-- $3: 1001
