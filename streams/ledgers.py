"""One ledger per process and address: its roles take turns at writing."""

from functools import cache

from ledger.database import Ledger
from streams.settings import Settings


def ledger_of(settings: Settings) -> Ledger:
    """The ledger that the settings name. Raises `LedgerUrlError`; does not connect yet."""
    return _ledger(settings.database_url.get_secret_value())


@cache
def _ledger(url: str) -> Ledger:
    return Ledger(url)
