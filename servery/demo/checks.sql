-- The looks at the rows that the foreign keys still owe, one by one.
alter table restaurant.sub_brands validate constraint sub_brands_brand_id;
alter table restaurant.stores validate constraint stores_brand_id;
alter table restaurant.stores validate constraint stores_sub_brand_id;
alter table restaurant.products validate constraint products_category_id;
alter table restaurant.sales validate constraint sales_store_id;
alter table restaurant.sales validate constraint sales_sub_brand_id;
alter table restaurant.sales validate constraint sales_channel_id;
alter table restaurant.sales validate constraint sales_customer_id;
alter table restaurant.product_sales validate constraint product_sales_sale_id;
alter table restaurant.product_sales validate constraint product_sales_product_id;
alter table restaurant.item_product_sales validate constraint item_product_sales_product_sale_id;
alter table restaurant.item_product_sales validate constraint item_product_sales_item_id;
alter table restaurant.payments validate constraint payments_sale_id;
alter table restaurant.payments validate constraint payments_payment_type_id;
alter table restaurant.delivery_sales validate constraint delivery_sales_sale_id;
