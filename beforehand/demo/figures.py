"""What is going on in a running stack, read from its ledger, its mails and its topics."""

from pathlib import Path

import msgspec

from deploy.mail.kept import read_accepted
from ledger import counts
from ledger.database import Ledger, LedgerUnavailable
from models.errors import OperatorError
from streams import admin
from streams.clock import BusinessClock
from streams.connection import security_of
from streams.settings import Settings
from streams.topics import INPUTS


class Figures(msgspec.Struct, frozen=True):
    """One look at everything."""

    lag: dict[str, int] = {}
    """Role -> records it has not read yet."""
    decided: int = 0
    holds: dict[str, int] = {}
    outbox: dict[str, int] = {}
    accepted: int = 0
    under_way: int = 0
    due: int = 0
    """Of those under way, the ones whose time has come."""


class Observer:
    """Looks at one stack. Safe to use from one thread at a time; a part that cannot answer is left as it was."""

    def __init__(self, settings: Settings, mails: Path) -> None:
        self._clock = BusinessClock(settings.clock_file)
        self._settings = settings
        self._mails = mails
        self._ledger = Ledger(settings.database_url.get_secret_value())
        self._lag: dict[str, int] = {}
        self._last = Figures()

    def look(self) -> Figures:
        """All figures but the lag, which is as of the last `measure_lag`."""
        try:
            with self._ledger.read() as connection:
                self._last = Figures(
                    lag=dict(self._lag),
                    decided=counts.decided(connection),
                    holds=counts.by_rule(connection),
                    outbox=counts.by_state(connection),
                    accepted=len(read_accepted(self._mails)),
                    under_way=counts.under_way(connection),
                    due=counts.due(connection, self._clock.now()),
                )
        except LedgerUnavailable:
            pass
        return self._last

    def measure_lag(self) -> dict[str, int]:
        """Ask Kafka how far each role is behind; takes a moment."""
        where, security = self._settings.kafka, security_of(self._settings)
        for role, topics in INPUTS.items():
            try:
                lags = admin.lag(where, admin.group_of(role), topics, security)
            except OperatorError:
                continue
            self._lag[role] = sum(lags.values())
        return dict(self._lag)

    def close(self) -> None:
        """Give the connection back."""
        self._ledger.close()
