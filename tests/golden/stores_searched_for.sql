SELECT
  "stores"."name" AS "store",
  "stores"."city" AS "city"
FROM "restaurant"."stores" AS "stores"
WHERE
  CAST("stores"."city" AS TEXT) ILIKE CAST($1 AS TEXT)
  OR CAST("stores"."name" AS TEXT) ILIKE CAST($1 AS TEXT)
GROUP BY
  1,
  2
ORDER BY
  "store" ASC,
  "city" ASC
LIMIT CAST($2 AS BIGINT);
-- $1: '%são%'
-- $2: 21
