"""Trouble: the customer wants to buy, and one step of the checkout does not let them on."""

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta

from detectors import scenes
from detectors.readings import Moment, Output
from detectors.repeats import RepeatDetector, RepeatParams, RepeatState, Run
from models.events.base import Event
from models.events.checkout_ended import CheckoutEnded, CheckoutEndedData
from models.events.checkout_step import CheckoutStep, CheckoutStepData


class CheckoutParams(RepeatParams, frozen=True):
    """As `RepeatParams`.

    A first refusal is a typing error, a second a look at the hint. The third refusal of the same step within a quarter
    of an hour means that the page asks for something that this customer cannot give; help is worth something only
    while they are there. After half an hour without a try they have left.
    """

    floor: Annotated[int, Meta(ge=1, le=50)] = 3
    window_s: Annotated[float, Meta(ge=60.0, le=86400.0)] = 900.0
    silence_s: Annotated[float, Meta(ge=60.0, le=172800.0)] = 1800.0


class StuckCheckout(RepeatDetector[CheckoutParams]):
    """Counts refusals of the step that the customer is at. Paying has a detector of its own: `payment_retry_loop`."""

    name = "stuck_checkout"
    listens_to = (CheckoutStep, CheckoutEnded)
    begins_with = (CheckoutStep,)
    clock = ("telemetry.v1",)
    params_type = CheckoutParams
    floor = "three refusals of the same step of one checkout within 15 minutes"
    warm_up = "none: it reads only what the customer did"

    def observe(self, state: RepeatState, event: Event, moment: Moment) -> Iterable[Output]:
        """A step that is passed, or the end of the checkout, ends the run."""
        if type(event) is CheckoutStep:
            return self._stepped(state, event.data, moment.now)
        if isinstance(event, CheckoutEnded):
            return self.ended(state, event.data.checkout_id, "completed" if event.data.completed else "left")
        return ()

    def _stepped(self, state: RepeatState, data: CheckoutStepData, now: float) -> list[Output]:
        thing = data.checkout_id
        run = state.runs.get(thing)
        step = data.step[:40]
        if data.accepted:
            return self.ended(state, thing, "passed") if run is not None and run.last == step else []
        if run is not None and run.last != step:  # stuck elsewhere now: the former step must have let them on
            return [*self.ended(state, thing, "passed"), *self.failed(state, thing, now, step)]
        return self.failed(state, thing, now, step)

    def words(self, run: Run) -> tuple[str, str, dict[str, str]]:
        """Which step, and how often."""
        step, count = run.last.replace("_", " "), len(run.at)
        return f"{step} passed within two tries", f"{step} refused {count} times", {"step": step, "tries": str(count)}

    @classmethod
    def story_of_trouble(cls) -> list[Event]:
        """The address is refused four times within five minutes."""
        return [_step(0, "basket", accepted=True), *(_step(minute) for minute in (1, 2, 4, 5))]

    @classmethod
    def story_of_calm(cls) -> list[Event]:
        """Each of two steps is refused twice and then passed; another checkout is left after two refusals."""
        tries = [_step(m, "address", accepted=m == 2) for m in range(3)]
        tries += [_step(m, "delivery", accepted=m == 5) for m in range(3, 6)]
        other = [_step(m, checkout="K-4") for m in (30, 31)]
        data = CheckoutEndedData(checkout_id="K-4", completed=False)
        left = CheckoutEnded(id="left", source="shop", subject=scenes.CUSTOMER, time=scenes.after(33), data=data)
        return [*tries, *other, left, scenes.tick("telemetry.v1", 600)]

    @classmethod
    def stories_by_severity(cls) -> list[list[Event]]:
        """One to seven refusals."""
        return [[_step(minute) for minute in range(count)] for count in range(1, 8)]


def _step(minute: int, step: str = "shipping_address", *, accepted: bool = False, checkout: str = "K-3") -> Event:
    data = CheckoutStepData(checkout_id=checkout, step=step, accepted=accepted, reason="" if accepted else "unknown")
    return CheckoutStep(id=f"ck-{minute}", source="shop", subject=scenes.CUSTOMER, time=scenes.after(minute), data=data)
