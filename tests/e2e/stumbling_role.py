"""The role detect with one detector more, which fails on some customers; run in place of `worker detect`."""

from collections.abc import Iterable
from datetime import UTC, datetime

from detectors.catalogue import all_detectors
from detectors.detector import Detector, Params, State
from detectors.readings import Moment, Output, Reading
from models.events.base import Event
from models.events.payment_attempted import PaymentAttempted
from models.issues import Evidence
from streams.roles.detect import DetectStep, detect
from streams.run import run_role
from streams.settings import Settings, load
from streams.step import Role

STUMBLES = "stumbles"
"""What the customers are called that it fails on."""


class Stumbling(Detector[Params, State]):
    """Finds every refused payment a trouble, and stumbles over some customers."""

    name = "stumbling"
    listens_to = (PaymentAttempted,)
    clock = ("telemetry.v1",)
    params_type = Params
    state_type = State
    floor = "one refused payment"
    warm_up = "none"

    def observe(self, _state: State, event: Event, _moment: Moment) -> Iterable[Output]:
        assert isinstance(event, PaymentAttempted)
        if event.subject.startswith(STUMBLES):
            raise RuntimeError(event.subject)
        if not event.data.succeeded:
            yield Reading(object=event.data.order_id, look="refused", score=3.0, probability=0.95)

    def evidence(self, _state: State, _reading: Reading, moment: Moment) -> Evidence:
        return Evidence(since=datetime.fromtimestamp(moment.now, UTC), expected="a payment", actual="a refusal")

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        return [PaymentAttempted.example()]

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        return []

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        return [[], [PaymentAttempted.example()]]


def role(settings: Settings) -> Role:
    """As `streams.roles.detect.detect` makes it, with steps of our own."""
    plain = detect(settings)

    def step(_topic: str, partition: int) -> DetectStep:
        return DetectStep([*all_detectors(), Stumbling(Params())], partition, settings.partitions)

    return Role(plain.name, plain.inputs, step, outputs=plain.outputs)


if __name__ == "__main__":
    given = load()
    run_role(role(given), given)
