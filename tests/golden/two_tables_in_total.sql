WITH sales__groups AS (
  SELECT
    COUNT(*) FILTER(WHERE
      sales.status = 'COMPLETED') AS qtd_vendas
  FROM restaurant.sales AS sales
), product_sales__groups AS (
  SELECT
    SUM(product_sales.quantity) FILTER(WHERE
      sales.status = 'COMPLETED') AS qtd_produtos
  FROM restaurant.product_sales AS product_sales
  LEFT JOIN restaurant.sales AS sales
    ON sales.id = product_sales.sale_id
)
SELECT
  COALESCE(MAX(qtd_vendas), 0) AS qtd_vendas,
  MAX(qtd_produtos) AS qtd_produtos
FROM (
  SELECT
    qtd_vendas,
    NULL AS qtd_produtos
  FROM sales__groups
  UNION ALL
  SELECT
    NULL AS qtd_vendas,
    qtd_produtos
  FROM product_sales__groups
) AS stacked;
