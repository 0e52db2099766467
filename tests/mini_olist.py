"""Olist's tables with a few orders in them, for tests that need no recorded data."""

from pathlib import Path

TABLES = {
    "orders": "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
    "order_delivered_carrier_date,order_delivered_customer_date,order_estimated_delivery_date",
    "customers": "customer_id,customer_unique_id,customer_state",
    "order_items": "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value",
    "products": "product_id,product_category_name,product_weight_g,product_length_cm,product_height_cm,"
    "product_width_cm,product_photos_qty,product_description_lenght",
    "sellers": "seller_id,seller_state",
    "reviews": "review_id,order_id,review_score,review_answer_timestamp",
}
ORDERS = [
    # in time: on the promised day, in its last minute
    "a,ka,delivered,2017-11-02 10:00:00,2017-11-02 11:00:00,2017-11-05 09:00:00,2017-11-20 23:59:00,2017-11-20",
    # late by a minute
    "b,kb,delivered,2017-11-03 10:00:00,2017-11-03 11:00:00,2017-11-18 09:00:00,2017-11-21 00:01:00,2017-11-20",
    # never delivered, and nobody knows what was in it
    "c,kc,shipped,2017-11-04 10:00:00,,,,2017-11-20",
    # long before the window
    "d,kd,delivered,2017-08-20 10:00:00,2017-08-20 11:00:00,2017-08-21 09:00:00,2017-09-05 12:00:00,2017-09-10",
]
CUSTOMERS = ["ka,ada,SP", "kb,bob,RJ", "kc,cy,RJ", "kd,ada,SP"]
ITEMS = [
    "a,1,p,s1,2017-11-06 00:00:00,10.00,2.00", "a,2,q,s2,2017-11-07 00:00:00,20.50,5.25",
    "b,1,p,s1,2017-11-07 00:00:00,10.00,2.00", "d,1,p,s1,2017-08-23 00:00:00,10.00,2.00",
]  # fmt: skip
PRODUCTS = ["p,toys,100,10,10,10,2,300", "q,,,,,,,"]
SELLERS = ["s1,SP", "s2,PR"]
REVIEWS = [
    "r2,b,5,2017-11-25 10:00:00", "r1,b,1,2017-11-24 10:00:00", "r3,a,2,2017-11-10 10:00:00",
    "r4,d,4,2017-09-11 10:00:00",
]  # fmt: skip


def write_olist(folder: Path, without: str = "") -> Path:
    """The folder, with `folder`/olist in it; `without` is a column that is left out of its table."""
    rows = {"orders": ORDERS, "customers": CUSTOMERS, "order_items": ITEMS, "sellers": SELLERS, "reviews": REVIEWS}
    rows["products"] = PRODUCTS
    (folder / "olist").mkdir(parents=True)
    for name, head in TABLES.items():
        columns = head.split(",")
        kept = [place for place, column in enumerate(columns) if column != without]
        table = [[line.split(",")[place] for place in kept] for line in [head, *rows[name]]]
        (folder / "olist" / f"{name}.csv").write_text("".join(f"{','.join(line)}\n" for line in table))
    return folder
