SELECT
  "weekday",
  "daypart",
  "time__hour_of_day",
  "faturamento"
FROM (
  SELECT
    CAST(EXTRACT(ISODOW FROM "sales"."created_at" AT TIME ZONE 'America/Sao_Paulo') AS BIGINT) AS "weekday",
    CASE
      WHEN EXTRACT(HOUR FROM "sales"."created_at" AT TIME ZONE 'America/Sao_Paulo') BETWEEN 6 AND 10
      THEN 'morning'
      WHEN EXTRACT(HOUR FROM "sales"."created_at" AT TIME ZONE 'America/Sao_Paulo') BETWEEN 11 AND 14
      THEN 'lunch'
      WHEN EXTRACT(HOUR FROM "sales"."created_at" AT TIME ZONE 'America/Sao_Paulo') BETWEEN 15 AND 17
      THEN 'afternoon'
      WHEN EXTRACT(HOUR FROM "sales"."created_at" AT TIME ZONE 'America/Sao_Paulo') BETWEEN 18 AND 22
      THEN 'dinner'
      ELSE 'night'
    END AS "daypart",
    CAST(EXTRACT(hour FROM "sales"."created_at" AT TIME ZONE 'America/Sao_Paulo') AS INT) AS "time__hour_of_day",
    SUM("sales"."total_amount") FILTER(WHERE
      "sales"."status" = 'COMPLETED') AS "faturamento"
  FROM "restaurant"."sales" AS "sales"
  GROUP BY
    1,
    2,
    3
) AS groups
ORDER BY
  "time__hour_of_day" ASC,
  "weekday" ASC,
  "daypart" ASC
LIMIT CAST($1 AS BIGINT);
-- $1: 1001
