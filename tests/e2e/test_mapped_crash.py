"""ingest and identify are killed while orders and the scans of their parcels come in: each scan arrives once."""

import json
import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from beforehand.stack import Stack
from deploy.kafka.broker import Broker
from models.mapping.documents import Source
from streams.clock import set_clock
from streams.settings import Settings
from tests.e2e.house import PARTITIONS, eventually
from tests.e2e.mapped_topics import COUNTS, customers_events, files_in, kinds, letters, make_topics, send
from tests.mapped import NOW, samples

ORDERS = 600
ROUNDS = 6


def webhook(number: int, which: str) -> Source:
    """An order of its own customer, with one parcel once it is fulfilled."""
    one = samples("shopify-orders")[which]
    tree: dict[str, Any] = json.loads(one.value or b"")
    tree |= {"name": f"#{number}", "customer": {"id": number}}
    tree["fulfillments"] = [
        {**each, "id": number, "tracking_number": f"P{number}"} for each in tree["fulfillments"][:1]
    ]
    headers = {**dict(one.headers), "X-Shopify-Event-Id": f"{which}-{number}".encode()}
    return msgspec.structs.replace(one, value=json.dumps(tree).encode(), headers=list(headers.items()))


def scan(number: int, which: str) -> Source:
    one = samples("carrier-scans")[which]
    headers = {**dict(one.headers), "ce_id": f"{which}-{number}".encode()}
    value = (one.value or b"").replace(b"SW0012345DE", b"P%d" % number)
    return msgspec.structs.replace(one, value=value, headers=list(headers.items()))


def _kill(stack: Stack, role: str) -> None:
    eventually(lambda: role in stack.supervisor.pids(), 30, f"{role} runs")
    os.kill(stack.supervisor.pids()[role], signal.SIGKILL)


def test_every_scan_reaches_its_customer_once_although_both_roles_are_killed(tmp_path: Path) -> None:
    set_clock(tmp_path / "clock.json", NOW, rate=1.0)
    with Broker(tmp_path / "kafka") as broker:
        make_topics(broker.bootstrap)
        settings = Settings(
            kafka=broker.bootstrap, partitions=PARTITIONS, run_dir=tmp_path, clock_file=tmp_path / "clock.json",
            mappings=files_in(tmp_path), session_timeout_s=3.0,
        )  # fmt: skip
        with Stack(settings, {"ingest": ["ingest"], "identify": ["identify"]}) as stack:
            for part in range(ROUNDS):
                numbers = range(part, ORDERS, ROUNDS)
                send(settings, [(n % COUNTS["carrier-scans"], scan(n, "4-dlv")) for n in numbers])
                send(settings, [(n % COUNTS["shopify-orders"], webhook(n, "1-create")) for n in numbers])
                _kill(stack, ("identify", "ingest")[part % 2])
                send(settings, [(n % COUNTS["carrier-scans"], scan(n, "1-pup")) for n in numbers])
                send(settings, [(n % COUNTS["shopify-orders"], webhook(n, "2-fulfilled")) for n in numbers])
            _all_once(settings)
            assert min(stack.supervisor.restarts().values()) >= 1
        _all_once(settings)  # nothing came after it, to the last checkpoint


def _all_once(settings: Settings) -> None:
    expected: Counter[tuple[str, str, str]] = Counter()
    for number in range(ORDERS):
        customer, order = str(number), f"#{number}"
        expected[customer, "order.placed.v1", order] += 1
        expected[customer, "order.step.v1", order] += 2  # fulfilled, and picked up
        expected[customer, "order.delivered.v1", order] += 1
    total = expected.total()
    eventually(lambda: len(customers_events(settings.kafka)) >= total, 90, "all of them arrive")
    assert kinds(customers_events(settings.kafka)) == expected
    assert letters(settings.kafka) == []
