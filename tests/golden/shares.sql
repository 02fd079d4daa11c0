WITH "all groups" AS (
  SELECT
    "stores"."city" AS "city",
    "channels"."name" AS "channel",
    SUM("sales"."total_amount") FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "faturamento",
    COUNT(*) FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "qtd_vendas",
    GROUPING("stores"."city", "channels"."name") AS "grouping__set"
  FROM "restaurant"."sales" AS "sales"
  LEFT JOIN "restaurant"."stores" AS "stores"
    ON "stores"."id" = "sales"."store_id"
  LEFT JOIN "restaurant"."channels" AS "channels"
    ON "channels"."id" = "sales"."channel_id"
  GROUP BY
    GROUPING SETS (
      (1, 2),
      (),
      (1)
    )
), "measured groups" AS (
  SELECT
    *,
    1.0 * "faturamento" / NULLIF(MAX("faturamento") FILTER(WHERE
      grouping__set = 3) OVER (), 0) AS "faturamento__share",
    CASE
      WHEN grouping__set IN (0, 1)
      THEN 1.0 * "qtd_vendas" / NULLIF(MAX("qtd_vendas") FILTER(WHERE
        grouping__set = 1) OVER (PARTITION BY "city"), 0)
    END AS "qtd_vendas__share"
  FROM "all groups"
)
SELECT
  "city",
  "channel",
  "faturamento",
  "faturamento__share",
  "qtd_vendas__share"
FROM "measured groups"
WHERE
  grouping__set = 0
ORDER BY
  "faturamento__share" DESC NULLS LAST,
  "city" ASC,
  "channel" ASC
LIMIT CAST($1 AS BIGINT);
-- $1: 11
