"""Attempts to pay as cases: many refused by one provider at once have one cause."""

from collections.abc import Iterable

from detectors.detector import Params, State, Watcher
from detectors.entities import short
from detectors.readings import Case, Moment, Output
from models.events.base import Event
from models.events.payment_attempted import PaymentAttempted

FAMILY = "payments"


class PaymentCases(Watcher[Params, State]):
    """Every attempt, by provider."""

    name = "payment_cases"
    listens_to = (PaymentAttempted,)
    clock = ("telemetry.v1",)
    params_type = Params
    state_type = State

    def observe(self, state: State, event: Event, moment: Moment) -> Iterable[Output]:  # noqa: ARG002 - remembers nothing
        """One more attempt."""
        if not isinstance(event, PaymentAttempted):
            return ()
        failed = not event.data.succeeded
        return (Case(FAMILY, "attempt", float(failed), {"provider": short(event.data.provider)}, first=failed),)
