"""The stories that the simulated shop can tell beside orders and payments, by name."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from desk.sources.shop_bills import bills
from desk.sources.shop_callbacks import callback
from desk.sources.shop_charges import charges
from desk.sources.shop_devices import device
from desk.sources.shop_diary import Diary
from desk.sources.shop_made_to_order import made_to_order
from desk.sources.shop_mentions import mention
from desk.sources.shop_rebuys import rebuys
from desk.sources.shop_refunds import refund
from desk.sources.shop_surveys import surveys
from desk.sources.shop_usage import usage
from desk.sources.shop_visits import visits

STORIES: Final[Mapping[str, Callable[[Diary, datetime, datetime], None]]] = {
    "visits": visits,
    "refunds": refund,
    "made_to_order": made_to_order,
    "devices": device,
    "usage": usage,
    "mentions": mention,
    "callbacks": callback,
    "charges": charges,
    "bills": bills,
    "rebuys": rebuys,
    "surveys": surveys,
}
"""Each is told a customer's diary, when they join, and when the last customer does."""

ALL_STORIES: Final[tuple[str, ...]] = tuple(STORIES)
