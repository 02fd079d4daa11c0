WITH "ranked all groups" AS (
  SELECT
    "stores"."name" AS "store",
    SUM("sales"."total_amount") FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "faturamento"
  FROM "restaurant"."sales" AS "sales"
  LEFT JOIN "restaurant"."stores" AS "stores"
    ON "stores"."id" = "sales"."store_id"
  GROUP BY
    1
), "top values" AS (
  SELECT
    *
  FROM (
    SELECT
      "store",
      ROW_NUMBER() OVER (ORDER BY "faturamento" DESC NULLS LAST, "store" ASC) AS "top__rank"
    FROM "ranked all groups"
  ) AS ranked
  WHERE
    top__rank <= CAST($1 AS BIGINT)
), "all groups" AS (
  SELECT
    CAST(DATE_TRUNC('month', "sales"."created_at" AT TIME ZONE 'America/Sao_Paulo') AS DATE) AS "time__month",
    CASE WHEN NOT "top values"."top__rank" IS NULL THEN "stores"."name" END AS "store",
    "top values"."top__rank" IS NULL AS "store__others",
    SUM("sales"."total_amount") FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "faturamento",
    COUNT(DISTINCT "sales"."customer_id") FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "clientes_unicos"
  FROM "restaurant"."sales" AS "sales"
  LEFT JOIN "restaurant"."stores" AS "stores"
    ON "stores"."id" = "sales"."store_id"
  LEFT JOIN "top values"
    ON ARRAY["top values"."store"] = ARRAY["stores"."name"]
  GROUP BY
    1,
    2,
    3
)
SELECT
  "time__month",
  "store",
  "store__others",
  "faturamento",
  "clientes_unicos"
FROM "all groups"
ORDER BY
  "time__month" ASC,
  "store__others" ASC,
  "faturamento" DESC NULLS LAST,
  "store" ASC
LIMIT CAST($2 AS BIGINT);
-- $1: 5
-- $2: 1001
