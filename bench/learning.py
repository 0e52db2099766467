"""What learning costs, and our online family beside river's, on the same examples in the same order.

usage: python -m bench.learning [examples of the long run, 250000 unless given; a fifth of them with fits]

First: 50,000 flights of 2013 by departure; values and tokens are what the timetable says (when, how long, who, from
where, to where), the label is 45 minutes late or more, or cancelled. Each contender scores an example, then learns it;
figures are of the second half. The same with 100 synthetic values. Then one pass of such examples through the join and
the whole of learning, without and with a fit of trees every four weeks; processor time of this process, fits apart.
"""

import json
import sys
from collections.abc import Iterator
from math import exp
from pathlib import Path
from time import process_time as cpu

import msgspec
import numpy as np
from river import compose, linear_model, optim, preprocessing

from desk.sources.flight_tables import NEVER, flight_table
from detectors.learning.families.online import OnlineModel
from detectors.learning.lesson import DAY_S, Boosted, Lesson, Online
from detectors.learning.partition import Example, LearnPartition
from detectors.learning.trainer import HereAndNow, Job
from detectors.learning.validation import average_precision, log_loss
from models.events.example_frozen import ExampleFrozen, ExampleFrozenData
from models.events.example_labelled import ExampleLabelled, ExampleLabelledData
from models.instants import instant

RESULT = Path(__file__).parent / "results" / "learning.json"
FLIGHTS, WIDE, RATE, WIDTH = 50_000, 10_000, 0.03, 100
Row = tuple[tuple[float, ...], tuple[str, ...], float]


class Online1(msgspec.Struct):
    """A contender's figures: microseconds per example (scored and learned), and how good its scores were."""

    us_per_example: float
    average_precision: float
    log_loss: float


def flights() -> list[Row]:
    """Values, tokens, label; evenly over the year."""
    table = flight_table()
    rows = list[Row]()
    for row in range(0, len(table.due), len(table.due) // FLIGHTS):
        arrived, planned = table.arrived[row], float(table.promised[row] - table.due[row])
        late = bool(arrived == NEVER or arrived - table.promised[row] >= 45)
        values = (float(table.local_hour[row]), float(table.month[row]), planned)
        tokens = (f"by={table.carrier[row]}", f"from={table.origin[row]}", f"to={table.destination[row]}")
        rows.append((values, tokens, float(late)))
    return rows


def wide() -> list[Row]:
    """Synthetic, 100 values and no tokens."""
    rng = np.random.default_rng(2)
    values, weights = rng.normal(size=(WIDE, WIDTH)), rng.normal(size=WIDTH) / 5
    labels = rng.random(WIDE) < 1 / (1 + np.exp(2 - values @ weights))
    return [(tuple(row), (), float(label)) for row, label in zip(values.tolist(), labels, strict=True)]


def ours(rows: list[Row]) -> Online1:
    """The family that is shipped; it scores with what it knows right then."""
    model = OnlineModel(len(rows[0][0]), Online(rate=RATE, token_bits=10))
    probabilities, began = [], cpu()
    for values, tokens, label in rows:
        array = np.array(values)
        probabilities.append(model.learn(array, tokens, label))
    return figures(rows, probabilities, cpu() - began)


def rivers(rows: list[Row]) -> Online1:
    """`StandardScaler | LogisticRegression(AdaGrad)`, tokens as values of 0 or 1."""
    names = [f"v{number}" for number in range(len(rows[0][0]))]
    scaled = compose.Select(*names) | preprocessing.StandardScaler()
    model = (scaled + compose.Discard(*names)) | linear_model.LogisticRegression(optim.AdaGrad(RATE))
    probabilities, began = [], cpu()
    for values, tokens, label in rows:
        features = dict(zip(names, values, strict=True)) | dict.fromkeys(tokens, 1.0)
        probabilities.append(model.predict_proba_one(features).get(True, 0.5))
        model.learn_one(features, bool(label))
    return figures(rows, probabilities, cpu() - began)


def figures(rows: list[Row], probabilities: list[float], seconds: float) -> Online1:
    """Of the second half."""
    half = len(rows) // 2
    labels, said = np.array([label for *_, label in rows[half:]]), np.array(probabilities[half:])
    return Online1(
        us_per_example=seconds / len(rows) * 1e6,
        average_precision=average_precision(labels, said),
        log_loss=log_loss(labels, said),
    )


class Timed(HereAndNow):
    """Fits, and says how long they took."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def start(self, job: Job) -> None:
        """Fit it, and note the time."""
        began = cpu()
        super().start(job)
        self.seconds.append(cpu() - began)


def examples(count: int) -> Iterator[Example]:
    """A year of examples, labelled a day later."""
    rng = np.random.default_rng(1)
    start, step = 1_356_998_400.0, 365 * DAY_S / count
    weights, waiting = rng.normal(size=WIDTH) / 5, list[tuple[float, int, float]]()
    for number in range(count):
        at = start + number * step
        while waiting and waiting[0][0] <= at:
            due, thing, label = waiting.pop(0)
            data = ExampleLabelledData(object=f"o-{thing}", value=label)
            yield ExampleLabelled(id=f"0-{number}-l", source="detect", subject="m", time=instant(due), data=data)
        values = rng.normal(size=WIDTH)
        label = float(rng.random() < 1 / (1 + exp(2 - float(values @ weights))))
        waiting.append((at + DAY_S, number, label))
        frozen = ExampleFrozenData(
            object=f"o-{number}",
            values=values.tolist(),
            ripe_at=instant(at + DAY_S),
            expires_at=instant(at + 9 * DAY_S),
        )
        yield ExampleFrozen(id=f"0-{number}-f", source="detect", subject="m", time=instant(at), data=frozen)


def one_pass(count: int, boosted: Boosted | None) -> dict[str, float]:
    """Seconds, and what came of them."""
    names = tuple(f"v{number}" for number in range(WIDTH))
    lesson = Lesson(model="m", names=names, online=Online(rate=RATE), boosted=boosted)
    trainer = Timed()
    partition, told, bodies, applying = LearnPartition([lesson], trainer), 0, 0, 0.0
    for offset, event in enumerate(examples(count)):
        began = cpu()
        partition.apply(event, offset)
        applying += cpu() - began
        for update in partition.updates():
            told, bodies = told + 1, max(bodies, len(update.data.body))
    learning = applying - sum(trainer.seconds)
    found = {
        "examples": count, "learn_s": learning, "us_per_example": learning / count * 1e6, "snapshots": told,
        "largest_body": bodies, "fits": len(trainer.seconds),
    }  # fmt: skip
    if trainer.seconds:
        found |= {"fit_s_median": float(np.median(trainer.seconds)), "fit_s_max": max(trainer.seconds)}
    return found


def main() -> None:
    """Measure, print, write."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 250_000
    found: dict[str, object] = {}
    print(f"{'':24}{'us per example':>16}{'average precision':>20}{'log loss':>12}")
    for what, rows in (("flights", flights()), ("100 values", wide())):
        for who, contender in (("ours", ours), ("river", rivers)):
            name, one = f"{what}, {who}", contender(rows)
            found[name] = msgspec.to_builtins(one)
            print(f"{name:24}{one.us_per_example:16.1f}{one.average_precision:20.3f}{one.log_loss:12.4f}")
    for name, part, boosted in (("one pass, online", 1, None), ("one pass, with fits", 5, Boosted(every_s=28 * DAY_S))):
        numbers = one_pass(count // part, boosted)
        found[name] = numbers
        print(name, json.dumps({key: round(value, 2) for key, value in numbers.items()}))
    RESULT.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
