SELECT
  SUM("sales"."total_amount") FILTER(WHERE
    "sales"."status" = 'COMPLETED') AS "faturamento",
  COUNT(*) FILTER(WHERE
    "sales"."status" = 'COMPLETED') AS "qtd_vendas",
  1.0 * COUNT(*) FILTER(WHERE
    "sales"."status" = 'CANCELLED') / NULLIF(COUNT(*), 0) AS "taxa_cancelamento"
FROM "restaurant"."sales" AS "sales";
