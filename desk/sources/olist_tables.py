"""The Olist tables as one row per order, every instant in seconds since 1970.

Times carry no zone and are taken as UTC. Traps handled here: an order is late at the end of the promised day, not at
its beginning; `order_status` is final and has no time, so it is not read; nor are payments, which are missing where the
review is; of two answers to one order the first counts; some orders have no items.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from desk.sources.csv_tables import NEVER, Seconds, folder_of, numbers, seconds, table

SOURCE = "olist"
DAY_S = 86_400
ORDERS = {
    "order_purchase_timestamp": "bought",
    "order_approved_at": "approved",
    "order_delivered_carrier_date": "handed_over",
    "order_delivered_customer_date": "delivered",
    "order_estimated_delivery_date": "estimated",
}
ITEMS = ["order_id", "product_id", "seller_id", "shipping_limit_date", "price", "order_item_id", "freight_value"]
PRODUCTS = {
    "product_weight_g": "weight_g",
    "product_length_cm": "length",
    "product_height_cm": "height",
    "product_width_cm": "width",
    "product_photos_qty": "photos",
    "product_description_lenght": "description_length",  # spelled so in the file
}
BASKET = ("items", "products", "sellers", "freight", "weight_g", "volume_cm3", "photos", "description_length")
"""Numbers of an order's items; NaN where not known."""
REVIEWS = ["review_id", "order_id", "review_score", "review_answer_timestamp"]


@dataclass(frozen=True)
class Answers:
    """One row per answer; `order` is the place of its order."""

    review: list[str]
    order: npt.NDArray[np.int64]
    score: npt.NDArray[np.int64]
    at: Seconds


@dataclass(frozen=True)
class OlistOrders:
    """One row per order, by purchase, then id. What never happened is `NEVER`.

    `promised` is the end of the promised day. `limit`, `seller`, `seller_state` are empty (`NEVER`) without items.
    `basket` is by the names of `BASKET`, `category` that of the dearest item with one. `first_answer` and `first_score`
    (0: none) are of the first answer.
    """

    order: list[str]
    customer: list[str]
    state: list[str]
    seller: list[str]
    seller_state: list[str]
    price: npt.NDArray[np.float64]
    items: npt.NDArray[np.int64]
    category: list[str]
    basket: dict[str, npt.NDArray[np.float64]]
    limit: Seconds
    bought: Seconds
    approved: Seconds
    handed_over: Seconds
    delivered: Seconds
    promised: Seconds
    first_answer: Seconds
    first_score: npt.NDArray[np.int64]
    answers: Answers

    @property
    def decided(self) -> Seconds:
        """When it is certain whether the promise was kept: at the delivery or at the end of the promised day."""
        return np.minimum(self.delivered, self.promised)

    @property
    def late(self) -> npt.NDArray[np.bool_]:
        """Not delivered by the end of the promised day."""
        return self.delivered > self.promised


def olist_orders(given: Path) -> OlistOrders:
    """Read the tables of `given`/olist or `given`. Raises SourceMissing, naming what is wrong and where."""
    folder = folder_of(SOURCE, given, SOURCE, "orders")
    orders = _orders(folder).merge(_baskets(folder), on="order_id", how="left")
    orders = orders.sort_values(["bought", "order_id"], ignore_index=True)
    answers = _answers(folder, orders["order_id"])
    first_answer, first_score = _first(answers, len(orders))
    return OlistOrders(
        order=orders["order_id"].to_list(), customer=_texts(orders["customer_unique_id"], orders["customer_id"]),
        state=_texts(orders["customer_state"]), seller=_texts(orders["seller_id"]),
        seller_state=_texts(orders["seller_state"]), price=orders["price"].fillna(0.0).to_numpy(np.float64),
        items=orders["items"].fillna(0).to_numpy(np.int64), category=_texts(orders["category"]),
        basket={name: orders[name].to_numpy(np.float64) for name in BASKET}, limit=_instants(orders["limit"]),
        bought=_instants(orders["bought"]), approved=_instants(orders["approved"]),
        handed_over=_instants(orders["handed_over"]), delivered=_instants(orders["delivered"]),
        promised=_instants(orders["estimated"]) // DAY_S * DAY_S + DAY_S,
        first_answer=first_answer, first_score=first_score, answers=answers,
    )  # fmt: skip


def _orders(folder: Path) -> pd.DataFrame:
    orders = table(SOURCE, folder, "orders", ["order_id", "customer_id", *ORDERS])
    for column, name in ORDERS.items():
        orders[name] = seconds(SOURCE, f"orders, {column}", orders[column])
    # Without a purchase or a promise there is nothing to keep.
    orders = orders[(orders["bought"] < NEVER) & (orders["estimated"] < NEVER)]
    customers = table(SOURCE, folder, "customers", ["customer_id", "customer_unique_id", "customer_state"])
    return orders.merge(customers.drop_duplicates("customer_id"), on="customer_id", how="left")


def _baskets(folder: Path) -> pd.DataFrame:
    """Items by order: the dearest one names the seller; the order must be handed over by the earliest limit."""
    items = table(SOURCE, folder, "order_items", ITEMS)
    items["limit"] = seconds(SOURCE, "order_items, shipping_limit_date", items["shipping_limit_date"])
    items["price"] = numbers(SOURCE, "order_items, price", items["price"])
    items["place"] = numbers(SOURCE, "order_items, order_item_id", items["order_item_id"])
    items["freight"] = numbers(SOURCE, "order_items, freight_value", items["freight_value"])
    items = items.merge(_products(folder), on="product_id", how="left")
    sellers = table(SOURCE, folder, "sellers", ["seller_id", "seller_state"]).drop_duplicates("seller_id")
    items = items.merge(sellers, on="seller_id", how="left")
    items = items.sort_values(["order_id", "price", "place"], ascending=[True, False, True])
    return items.groupby("order_id", as_index=False).agg(
        items=("order_id", "size"), seller_id=("seller_id", "first"), seller_state=("seller_state", "first"),
        price=("price", "sum"), limit=("limit", "min"), category=("product_category_name", "first"),
        products=("product_id", "nunique"), sellers=("seller_id", "nunique"), freight=("freight", "sum"),
        weight_g=("weight_g", "sum"), volume_cm3=("volume_cm3", "sum"), photos=("photos", "mean"),
        description_length=("description_length", "mean"),
    )  # fmt: skip


def _products(folder: Path) -> pd.DataFrame:
    products = table(SOURCE, folder, "products", ["product_id", "product_category_name", *PRODUCTS])
    for column, name in PRODUCTS.items():
        products[name] = numbers(SOURCE, f"products, {column}", products[column])
    products["volume_cm3"] = products["length"] * products["height"] * products["width"]
    kept = ["product_id", "product_category_name", "weight_g", "volume_cm3", "photos", "description_length"]
    return products[kept].drop_duplicates("product_id")


def _answers(folder: Path, orders: "pd.Series[Any]") -> Answers:
    reviews = table(SOURCE, folder, "reviews", REVIEWS)
    reviews["at"] = seconds(SOURCE, "reviews, review_answer_timestamp", reviews["review_answer_timestamp"])
    reviews["score"] = numbers(SOURCE, "reviews, review_score", reviews["review_score"])
    reviews["place"] = reviews["order_id"].map(pd.Series(orders.index, index=orders))
    known = reviews["place"].notna() & reviews["score"].notna() & (reviews["at"] < NEVER)
    reviews = reviews[known].sort_values(["at", "review_id"])
    return Answers(
        review=reviews["review_id"].to_list(), order=reviews["place"].to_numpy(np.int64),
        score=reviews["score"].to_numpy(np.int64), at=reviews["at"].to_numpy(np.int64),
    )  # fmt: skip


def _first(answers: Answers, rows: int) -> tuple[Seconds, npt.NDArray[np.int64]]:
    at, score = np.full(rows, NEVER), np.zeros(rows, np.int64)
    orders, places = np.unique(answers.order, return_index=True)  # the first of each, and they lie in time order
    at[orders], score[orders] = answers.at[places], answers.score[places]
    return at, score


def _instants(values: "pd.Series[Any]") -> Seconds:
    return values.fillna(NEVER).to_numpy(np.int64)


def _texts(values: "pd.Series[Any]", instead: "pd.Series[Any] | None" = None) -> list[str]:
    filled = values.fillna(instead) if instead is not None else values
    return [str(one) for one in filled.fillna("")]
