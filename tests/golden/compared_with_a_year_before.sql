WITH "groups of sales" AS NOT MATERIALIZED (
  SELECT
    CAST(DATE_TRUNC('week', "sales"."created_at" AT TIME ZONE 'America/Sao_Paulo') AS DATE) AS "time__week",
    SUM("sales"."total_amount") FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "faturamento",
    COUNT(DISTINCT "sales"."customer_id") FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "clientes_unicos",
    GROUPING(
      CAST(DATE_TRUNC('week', "sales"."created_at" AT TIME ZONE 'America/Sao_Paulo') AS DATE)
    ) AS "grouping__set"
  FROM "restaurant"."sales" AS "sales"
  WHERE
    "sales"."created_at" >= CAST($1 AS TIMESTAMPTZ)
    AND "sales"."created_at" < CAST($2 AS TIMESTAMPTZ)
  GROUP BY
    GROUPING SETS (
      (1),
      ()
    )
), "groups of sales, previous" AS NOT MATERIALIZED (
  SELECT
    (
      CAST(DATE_TRUNC('week', "sales"."created_at" AT TIME ZONE 'America/Sao_Paulo') AS DATE)
    ) + 364 AS "time__week",
    SUM("sales"."total_amount") FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "faturamento__previous",
    COUNT(DISTINCT "sales"."customer_id") FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "clientes_unicos__previous",
    GROUPING(
      (
        CAST(DATE_TRUNC('week', "sales"."created_at" AT TIME ZONE 'America/Sao_Paulo') AS DATE)
      ) + 364
    ) AS "grouping__set"
  FROM "restaurant"."sales" AS "sales"
  WHERE
    "sales"."created_at" >= CAST($3 AS TIMESTAMPTZ)
    AND "sales"."created_at" < CAST($4 AS TIMESTAMPTZ)
  GROUP BY
    GROUPING SETS (
      (1),
      ()
    )
), "stacked groups" AS (
  SELECT
    "time__week",
    "grouping__set",
    "faturamento",
    "clientes_unicos",
    NULL AS "faturamento__previous",
    NULL AS "clientes_unicos__previous"
  FROM "groups of sales"
  UNION ALL
  SELECT
    "time__week",
    "grouping__set",
    NULL AS "faturamento",
    NULL AS "clientes_unicos",
    "faturamento__previous",
    "clientes_unicos__previous"
  FROM "groups of sales, previous"
), "all groups" AS (
  SELECT
    "time__week",
    MAX("faturamento") AS "faturamento",
    COALESCE(MAX("clientes_unicos"), 0) AS "clientes_unicos",
    MAX("faturamento__previous") AS "faturamento__previous",
    COALESCE(MAX("clientes_unicos__previous"), 0) AS "clientes_unicos__previous",
    "grouping__set"
  FROM "stacked groups"
  GROUP BY
    1,
    6
), "measured groups" AS (
  SELECT
    *,
    "faturamento" - "faturamento__previous" AS "faturamento__change",
    1.0 * (
      "faturamento" - "faturamento__previous"
    ) / NULLIF("faturamento__previous", 0) AS "faturamento__change_ratio",
    "clientes_unicos" - "clientes_unicos__previous" AS "clientes_unicos__change",
    1.0 * (
      "clientes_unicos" - "clientes_unicos__previous"
    ) / NULLIF("clientes_unicos__previous", 0) AS "clientes_unicos__change_ratio"
  FROM "all groups"
), "numbered groups" AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY grouping__set
      ORDER BY "faturamento__change_ratio" DESC NULLS LAST, "time__week" ASC
    ) AS "group__position"
  FROM "measured groups"
  WHERE
    NOT (
      "time__week" >= CAST($5 AS DATE)
    ) IS FALSE
    AND NOT (
      "time__week" <= CAST($6 AS DATE)
    ) IS FALSE
)
SELECT
  "time__week",
  "faturamento",
  "clientes_unicos",
  "faturamento__previous",
  "faturamento__change",
  "faturamento__change_ratio",
  "clientes_unicos__previous",
  "clientes_unicos__change",
  "clientes_unicos__change_ratio",
  grouping__set
FROM "numbered groups"
WHERE
  (
    grouping__set = 0
    AND group__position > CAST($7 AS BIGINT)
    AND group__position <= CAST($8 AS BIGINT)
  )
  OR grouping__set = 1
ORDER BY
  grouping__set,
  group__position;
-- $1: datetime.datetime(2026, 1, 1, 3, 0, tzinfo=datetime.timezone.utc)
-- $2: datetime.datetime(2026, 2, 1, 3, 0, tzinfo=datetime.timezone.utc)
-- $3: datetime.datetime(2025, 1, 1, 3, 0, tzinfo=datetime.timezone.utc)
-- $4: datetime.datetime(2025, 2, 1, 3, 0, tzinfo=datetime.timezone.utc)
-- $5: datetime.date(2025, 12, 29)
-- $6: datetime.date(2026, 1, 26)
-- $7: 0
-- $8: 1001
