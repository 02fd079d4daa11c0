WITH "all groups" AS (
  SELECT
    "sales"."customer_id" AS "customer_id",
    COUNT(*) FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "qtd_vendas",
    MAX("sales"."created_at") FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "ultima_compra"
  FROM "restaurant"."sales" AS "sales"
  GROUP BY
    1
), "numbered groups" AS (
  SELECT
    *,
    ROW_NUMBER() OVER (ORDER BY "qtd_vendas" DESC NULLS LAST, "customer_id" ASC) AS "group__position",
    0 AS "grouping__set"
  FROM "all groups"
  WHERE
    (
      "qtd_vendas" >= CAST($1 AS DECIMAL) AND "ultima_compra" < CAST($2 AS TIMESTAMPTZ)
    )
)
SELECT
  "customer_id",
  "qtd_vendas",
  "ultima_compra",
  grouping__set,
  group__count
FROM (
  SELECT
    COUNT(*) AS "group__count"
  FROM "numbered groups"
  WHERE
    grouping__set = 0
) AS counted
LEFT JOIN "numbered groups"
  ON grouping__set = 0
  AND group__position > CAST($3 AS BIGINT)
  AND group__position <= CAST($4 AS BIGINT)
ORDER BY
  grouping__set,
  group__position;
-- $1: 3
-- $2: datetime.datetime(2026, 5, 16, 3, 0, tzinfo=datetime.timezone.utc)
-- $3: 0
-- $4: 101
