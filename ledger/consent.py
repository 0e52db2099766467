"""What customers allow, channel by channel: of all that was said of a channel, or of all of them, the newest."""

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, delete

from ledger.tables import consents
from ledger.upsert import upsert
from models.events.profile_changed import EVERY_CHANNEL


class Consents:
    """Answers in the order they came, from a batch of events.

    A word about all channels makes every older word about one worthless, so those are deleted: a channel's own row is
    always newer than that for all (`EVERY_CHANNEL`).
    """

    def __init__(self) -> None:
        self._said: dict[str, dict[str, bool]] = {}
        self._anew: dict[str, None] = {}

    def take(self, customer_id: str, answers: Mapping[str, bool]) -> None:
        """What one event says. Within it a no wins over a yes, whichever of both is about all channels."""
        to_all = answers.get(EVERY_CHANNEL)
        if to_all is not None:
            self._anew[customer_id] = None
            self._said[customer_id] = {EVERY_CHANNEL: to_all}
        said = self._said.setdefault(customer_id, {})
        said.update({channel: allowed for channel, allowed in answers.items() if to_all is not False or not allowed})

    def write(self, connection: Connection) -> None:
        """Write them, in the caller's transaction."""
        if self._anew:
            connection.execute(_FORGET, [{"of_customer": one} for one in self._anew])
        rows = [
            {"customer_id": customer, "channel": channel, "allowed": allowed}
            for customer, said in self._said.items()
            for channel, allowed in said.items()
        ]
        upsert(connection, consents, rows)


_FORGET = delete(consents).where(consents.c.customer_id == bindparam("of_customer"))
