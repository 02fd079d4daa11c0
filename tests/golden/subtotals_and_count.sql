WITH "all groups" AS (
  SELECT
    "stores"."city" AS "city",
    "channels"."name" AS "channel",
    SUM("sales"."total_amount") FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "faturamento",
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
      (1),
      (2)
    )
), "numbered groups" AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY grouping__set
      ORDER BY "faturamento" DESC NULLS LAST, "city" ASC, "channel" ASC
    ) AS "group__position"
  FROM "all groups"
)
SELECT
  "city",
  "channel",
  "faturamento",
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
  ON (
    grouping__set = 0
    AND group__position > CAST($1 AS BIGINT)
    AND group__position <= CAST($2 AS BIGINT)
  )
  OR grouping__set = 3
  OR (
    grouping__set = 1 AND group__position <= 10001
  )
  OR (
    grouping__set = 2 AND group__position <= 10001
  )
ORDER BY
  grouping__set,
  group__position;
-- $1: 0
-- $2: 11
