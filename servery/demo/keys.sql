-- Foreign keys, once all tables are filled. Each is added without a look at the rows, which takes
-- a lock on both tables for a moment only; then the checks of several tables can run side by side.
alter table restaurant.sub_brands
    add constraint sub_brands_brand_id foreign key (brand_id) references restaurant.brands not valid;
alter table restaurant.stores
    add constraint stores_brand_id foreign key (brand_id) references restaurant.brands not valid,
    add constraint stores_sub_brand_id foreign key (sub_brand_id) references restaurant.sub_brands not valid;
alter table restaurant.products
    add constraint products_category_id foreign key (category_id) references restaurant.categories not valid;
alter table restaurant.sales
    add constraint sales_store_id foreign key (store_id) references restaurant.stores not valid,
    add constraint sales_sub_brand_id foreign key (sub_brand_id) references restaurant.sub_brands not valid,
    add constraint sales_channel_id foreign key (channel_id) references restaurant.channels not valid,
    add constraint sales_customer_id foreign key (customer_id) references restaurant.customers not valid;
alter table restaurant.product_sales
    add constraint product_sales_sale_id foreign key (sale_id) references restaurant.sales not valid,
    add constraint product_sales_product_id foreign key (product_id) references restaurant.products not valid;
alter table restaurant.item_product_sales
    add constraint item_product_sales_product_sale_id
        foreign key (product_sale_id) references restaurant.product_sales not valid,
    add constraint item_product_sales_item_id foreign key (item_id) references restaurant.items not valid;
alter table restaurant.payments
    add constraint payments_sale_id foreign key (sale_id) references restaurant.sales not valid,
    add constraint payments_payment_type_id
        foreign key (payment_type_id) references restaurant.payment_types not valid;
alter table restaurant.delivery_sales
    add constraint delivery_sales_sale_id foreign key (sale_id) references restaurant.sales not valid;
