WITH "groups of sales" AS NOT MATERIALIZED (
  SELECT
    CAST("sales"."created_at" AT TIME ZONE 'America/Sao_Paulo' AS DATE) AS "time__day",
    "channels"."name" AS "channel",
    SUM("sales"."total_amount") FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "faturamento"
  FROM "restaurant"."sales" AS "sales"
  LEFT JOIN "restaurant"."channels" AS "channels"
    ON "channels"."id" = "sales"."channel_id"
  WHERE
    "sales"."created_at" >= CAST($1 AS TIMESTAMPTZ)
    AND "sales"."created_at" < CAST($2 AS TIMESTAMPTZ)
  GROUP BY
    1,
    2
), "groups of sales, window" AS NOT MATERIALIZED (
  SELECT
    CAST("sales"."created_at" AT TIME ZONE 'America/Sao_Paulo' AS DATE) AS "time__day",
    "channels"."name" AS "channel",
    COUNT(*) FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "qtd_vendas__window",
    SUM("sales"."total_amount") FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "faturamento__window"
  FROM "restaurant"."sales" AS "sales"
  LEFT JOIN "restaurant"."channels" AS "channels"
    ON "channels"."id" = "sales"."channel_id"
  WHERE
    "sales"."created_at" >= CAST($3 AS TIMESTAMPTZ)
    AND "sales"."created_at" < CAST($2 AS TIMESTAMPTZ)
  GROUP BY
    1,
    2
), "stacked groups" AS (
  SELECT
    "time__day",
    "channel",
    "faturamento",
    NULL AS "qtd_vendas__window",
    NULL AS "faturamento__window",
    1 AS "group__seen"
  FROM "groups of sales"
  UNION ALL
  SELECT
    "time__day",
    "channel",
    NULL AS "faturamento",
    "qtd_vendas__window",
    "faturamento__window",
    NULL AS "group__seen"
  FROM "groups of sales, window"
), "filled groups" AS (
  SELECT
    *
  FROM "stacked groups"
  UNION ALL
  SELECT
    "time__day",
    "channel",
    NULL AS "faturamento",
    NULL AS "qtd_vendas__window",
    NULL AS "faturamento__window",
    1 AS "group__seen"
  FROM (
    SELECT
      CAST(bucket AS DATE) AS "time__day"
    FROM GENERATE_SERIES(
      CAST(CAST($4 AS DATE) AS TIMESTAMP),
      CAST(CAST($5 AS DATE) AS TIMESTAMP),
      CAST('1 day' AS INTERVAL)
    ) AS series(bucket)
  ) AS buckets
  CROSS JOIN (
    SELECT DISTINCT
      "channel"
    FROM "stacked groups"
    WHERE
      (
        NOT group__seen IS NULL AND "time__day" >= CAST($4 AS DATE)
      )
      AND "time__day" <= CAST($5 AS DATE)
  ) AS combinations
), "all groups" AS (
  SELECT
    "time__day",
    "channel",
    MAX("faturamento") AS "faturamento",
    COALESCE(MAX("qtd_vendas__window"), 0) AS "qtd_vendas__window",
    MAX("faturamento__window") AS "faturamento__window",
    MAX(group__seen) AS "group__seen"
  FROM "filled groups"
  GROUP BY
    1,
    2
), "measured groups" AS (
  SELECT
    *,
    CASE
      WHEN NOT "time__day" IS NULL
      THEN SUM("faturamento") OVER (
        PARTITION BY "channel"
        ORDER BY "time__day"
        RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
      )
    END AS "faturamento__running",
    CASE
      WHEN NOT "time__day" IS NULL
      THEN CAST(COALESCE(
        SUM("qtd_vendas__window") OVER (
          PARTITION BY "channel", CAST(DATE_TRUNC('year', CAST("time__day" AS TIMESTAMP)) AS DATE)
          ORDER BY "time__day"
          RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ),
        0
      ) AS BIGINT)
    END AS "qtd_vendas__year_to_date",
    CASE
      WHEN NOT "time__day" IS NULL
      THEN 1.0 * SUM("faturamento__window") OVER (
        PARTITION BY "channel"
        ORDER BY "time__day"
        RANGE BETWEEN CAST('6 days' AS INTERVAL) PRECEDING AND CURRENT ROW
      ) / NULLIF(
        CAST(COALESCE(
          SUM("qtd_vendas__window") OVER (
            PARTITION BY "channel"
            ORDER BY "time__day"
            RANGE BETWEEN CAST('6 days' AS INTERVAL) PRECEDING AND CURRENT ROW
          ),
          0
        ) AS BIGINT),
        0
      )
    END AS "ticket_medio__rolling_7"
  FROM "all groups"
)
SELECT
  "time__day",
  "channel",
  "faturamento",
  "faturamento__running",
  "qtd_vendas__year_to_date",
  "ticket_medio__rolling_7"
FROM "measured groups"
WHERE
  NOT group__seen IS NULL
  AND NOT (
    "time__day" >= CAST($4 AS DATE)
  ) IS FALSE
  AND NOT (
    "time__day" <= CAST($5 AS DATE)
  ) IS FALSE
ORDER BY
  "time__day" ASC,
  "channel" ASC
LIMIT CAST($6 AS BIGINT);
-- $1: datetime.datetime(2026, 1, 1, 3, 0, tzinfo=datetime.timezone.utc)
-- $2: datetime.datetime(2026, 2, 1, 3, 0, tzinfo=datetime.timezone.utc)
-- $3: datetime.datetime(2025, 12, 26, 3, 0, tzinfo=datetime.timezone.utc)
-- $4: datetime.date(2026, 1, 1)
-- $5: datetime.date(2026, 1, 31)
-- $6: 1001
