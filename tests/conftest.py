"""What many tests need: a real Kafka, one per test process, started when the first test asks for it."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from deploy.kafka.broker import Broker
from tests.longest_first import in_order

settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")  # an example that takes longer than usual proves nothing


def pytest_configure() -> None:
    """A shell that starts this in the background has it ignore Ctrl-C; so would every process that a test starts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the longest first, and marks those that start a broker, so that `-m "not kafka"` leaves them out."""
    items[:] = in_order(items)
    for item in items:
        if "kafka" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.kafka)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A started broker for the whole run of this process. Topics are the test's own: give them names of your own."""
    home = tmp_path_factory.mktemp("kafka")
    with Broker(home) as broker:
        yield broker
    shutil.rmtree(home, ignore_errors=True)


Until = Callable[..., None]


@pytest.fixture(scope="session")
def until() -> Until:
    """Waits until a condition holds, and fails when it does not in `timeout_s`: `until(lambda: ..., timeout_s=5)`."""

    def wait(condition: Callable[[], object], timeout_s: float = 10.0) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                pytest.fail(f"waited {timeout_s} s in vain")
            time.sleep(0.02)

    return wait


@pytest.fixture(scope="session")
def recorded_data() -> Path:
    """The folder with recorded data; without it the test is skipped, or fails where BEFOREHAND_REQUIRE names data."""
    root = Path(__file__).resolve().parents[1]
    folder = root / (os.environ.get("BEFOREHAND_DATA") or Path("..") / "shared" / "data")
    if (folder / "olist").is_dir():
        return folder
    if "data" in os.environ.get("BEFOREHAND_REQUIRE", "").split(","):
        pytest.fail(f"recorded data is required (BEFOREHAND_REQUIRE) and {folder} holds none: set BEFOREHAND_DATA")
    pytest.skip(f"{folder} holds no recorded data: set BEFOREHAND_DATA")
