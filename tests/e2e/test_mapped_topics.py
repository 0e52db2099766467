"""Three topics of others, read by the real roles: customers' events come out, the broken are set aside as they came."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

from beforehand.stack import Stack, command_of
from deploy.kafka.broker import Broker
from models.dead_letters import HEADER_OFFSET, HEADER_REASON, HEADER_TOPIC
from models.events.base import Event
from models.events.mapping_updated import MappingUpdated
from models.events.tick import Tick
from models.mapping.documents import Source
from streams.clock import set_clock
from streams.settings import Settings, as_environment
from tests.e2e.house import PARTITIONS, eventually
from tests.e2e.mapped_topics import (
    COUNTS,
    customers_events,
    events_of,
    files_in,
    kinds,
    letters,
    make_topics,
    send,
)
from tests.mapped import FOLDER, NAMES, NOW, broken, samples

BROKEN = 170
"""Of each shape."""
CUSTOMER = "115310627314723954"
EXPECTED = Counter({
    (CUSTOMER, "order.placed.v1", "#9999"): 1, (CUSTOMER, "order.cancelled.v1", "#9998"): 1,
    (CUSTOMER, "order.step.v1", "#9999"): 2 + 3, (CUSTOMER, "order.delivered.v1", "#9999"): 1,
    ("c-77", "order.placed.v1", "70001"): 1, ("c-77", "order.promise_changed.v1", "70001"): 1,
    ("c-77", "order.step.v1", "70001"): 1, ("c-77", "order.delivered.v1", "70001"): 1,
})  # fmt: skip
"""Two fulfilments by the shop, and three scans and a delivery that came with nothing but the number of a parcel."""


def ended_with(settings: Settings, folder: Path) -> str:
    """A worker with these settings, until it ends by itself: what it said. It must not end well."""
    with (folder / "worker.log").open("w+") as log:
        worker = subprocess.Popen(
            command_of(["ingest"]), env=as_environment(settings) | {"PATH": "/usr/bin:/bin"}, cwd=Path.cwd(),
            stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            assert worker.wait(60) != 0
        finally:
            worker.kill()
        log.seek(0)
        return log.read()


def test_three_shapes_are_mapped_identified_and_set_aside_and_a_changed_file_is_refused(tmp_path: Path) -> None:
    set_clock(tmp_path / "clock.json", NOW, rate=1.0)
    with Broker(tmp_path / "kafka") as broker:
        make_topics(broker.bootstrap)
        settings = Settings(
            kafka=broker.bootstrap, partitions=PARTITIONS, run_dir=tmp_path, clock_file=tmp_path / "clock.json",
            mappings=files_in(tmp_path), identity_wait_s=20.0, beat_s=1.0, session_timeout_s=3.0,
        )  # fmt: skip
        with Stack(settings, {"ingest": ["ingest"], "identify": ["identify"]}) as stack:
            _all_arrive(stack.settings)
            assert stack.supervisor.restarts() == {"ingest": 0, "identify": 0}
        changed = tmp_path / "carrier-scans.yaml"
        changed.write_text(changed.read_text().replace("OFD: out_for_delivery", "OFD: nearly_there"))
        told = ended_with(settings, tmp_path)
        assert "mapping carrier-scans: the file says version 1, but not what that version said" in told
        assert "Traceback" not in told


def _all_arrive(settings: Settings) -> None:
    kafka = settings.kafka
    bad = [(reason, number % COUNTS[name], one) for name in NAMES
           for number, (reason, one) in enumerate(broken(name, seed=9, count=BROKEN))]  # fmt: skip
    unknown = samples("carrier-scans")["1-pup"]
    lost = Source(unknown.topic, 0, 0, (unknown.value or b"").replace(b"SW001", b"XX999"), b"key", unknown.headers)
    scans = [(number, one) for number, one in enumerate(samples("carrier-scans").values())]
    send(settings, [*scans, (5, lost)])  # before anybody said whose they are
    send(settings, [(partition, one) for _, partition, one in bad])
    send(settings, [(1, one) for one in samples("shopify-orders").values()])
    send(settings, [(2, one) for one in samples("warehouse-orders").values()])
    eventually(lambda: kinds(customers_events(kafka)) == EXPECTED, 60, "every event, with its customer and its order")
    eventually(lambda: len(letters(kafka)) > len(bad), 60, "all broken ones are set aside, and the lost scan")
    found = Counter((dict(one.headers)[HEADER_TOPIC].decode(), dict(one.headers)[HEADER_REASON].decode(), one.value)
                    for one in letters(kafka))  # fmt: skip
    wanted = Counter((one.topic, reason.value, one.value) for reason, _, one in bad)
    wanted[lost.topic, "unresolved_identity", lost.value] += 1
    assert found == wanted
    [letter] = [one for one in letters(kafka) if dict(one.headers)[HEADER_REASON] == b"unresolved_identity"]
    assert (letter.key, dict(letter.headers)[HEADER_OFFSET]) == (b"key", b"0")
    assert list(letter.headers)[: len(lost.headers)] == list(lost.headers)
    for part in events_of(kafka):
        updates = [event for event in part if isinstance(event, MappingUpdated)]
        assert Counter(one.subject for one in updates) == COUNTS
        _ticks_reach(part)


def _ticks_reach(part: list[Event]) -> None:
    """Every partition of every topic is vouched for as time of the orders, the scans by way of the identities."""
    told = {event.data.source_partition for event in part
            if isinstance(event, Tick) and event.data.source_topic == "orders.v1"}  # fmt: skip
    assert told == set(range(PARTITIONS + 3 + PARTITIONS + PARTITIONS))


def test_a_mapped_topic_that_is_not_there_is_named_with_what_to_do(tmp_path: Path, kafka: Broker) -> None:
    file = tmp_path / "m.yaml"
    file.write_text((FOLDER / "carrier-scans.yaml").read_text().replace("carrier.scans", "nowhere.scans"))
    settings = Settings(kafka=kafka.bootstrap, partitions=2, run_dir=tmp_path, mappings=[file])
    applied = subprocess.run(
        [sys.executable, "-m", "beforehand", "topics", "apply"], capture_output=True, text=True, timeout=60,
        env=as_environment(settings) | {"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert "identities.v1" in applied.stdout, applied.stderr
    assert "has no topic nowhere.scans, which a mapping reads: create it, or correct" in ended_with(settings, tmp_path)
