"""How long it takes from a cause in a source topic to the mail at the mail server, the whole house running.

Embedded Kafka, all roles as `beforehand up` runs them, a local SMTP server, SQLite; 4 partitions, all other settings
as shipped, but for the guard against a mass mistake, which is what these mails look like. Traffic of a shop at a tenth
of full speed, which is measured first: what the slowest of the roles that read every event takes, alone, with a
backlog. A latency goes from the instant at which a customer's third refused payment was due at the producer to the
instant at which the server had the mail. The first mails, while everything warms up, are not in the distribution.

    python -m bench.latency            about 2 minutes; writes bench/results/latency.json
    python -m bench.latency --quick    few mails; writes nothing
"""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
from pydantic import SecretStr
from sqlalchemy import func, select

from beforehand.stack import Stack
from bench.latency_feed import Traffic, real_now, send, send_paced
from bench.latency_full_speed import full_speed
from bench.latency_load import address, profile, troubled
from bench.latency_stages import Stages, stages
from deploy.kafka.ports import free_port
from deploy.mail.kept import duplicates, read_accepted
from ledger.database import Ledger, LedgerUnavailable
from ledger.tables import addresses, consents
from streams.settings import Settings

RESULT = Path(__file__).parent / "results" / "latency.json"
PARTITIONS = 4
SHARE = 0.1
TROUBLES_PER_S = 10.0
WARM_UP = 60
PATIENCE_S = 60.0
REQUIRED_S = {"p50": 1.0, "p99": 2.5}


class Result(msgspec.Struct, kw_only=True):
    """What the file holds; seconds, and events/s."""

    seconds: dict[str, float]
    required_s: dict[str, float]
    mails: int
    warm_up_mails: int
    duplicates: int
    missing: int
    restarts: dict[str, int]
    """Process -> how often it died and was started again: a figure with any is of another case."""
    histogram: list[tuple[float, int]]
    """Upper bound in seconds -> mails."""
    stages_p50: dict[str, float]
    full_speed: dict[str, float]
    asked_rate: float
    reached_rate: float
    settings: dict[str, str]


class NotReady(Exception):
    """The house did not get as far in time. Operator action: see the message."""


def main() -> int:
    """Run, print, write. Exit code 1 when a required figure is missed or a mail is."""
    parser = argparse.ArgumentParser(description="seconds from cause to mail")
    parser.add_argument("--mails", type=int, default=400)
    parser.add_argument("--quick", action="store_true", help="few mails; writes nothing")
    parser.add_argument("--rate", type=float, help="events/s instead of a tenth of full speed; writes nothing")
    asked = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.ERROR)  # what it tries again after a topic was made is no news
    speeds = {"given": asked.rate / SHARE} if asked.rate else full_speed(20_000 if asked.quick else 200_000)
    print("full speed, events/s: " + ", ".join(f"{role} {speed:.0f}" for role, speed in speeds.items()), flush=True)
    result = measure(speeds, 40 if asked.quick else asked.mails)
    _print(result)
    if not asked.quick and not asked.rate:
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    missed = any(result.seconds[name] >= limit for name, limit in REQUIRED_S.items())
    return int(missed or result.missing > 0 or result.duplicates > 0)


def measure(speeds: dict[str, float], mails: int) -> Result:
    """One run of the whole house. Raises `NotReady`, `OperatorError`, `EmbeddedKafkaError`."""
    rate, troubles = min(speeds.values()) * SHARE, WARM_UP + mails
    with tempfile.TemporaryDirectory(prefix="bench-latency-") as name:
        home = Path(name)
        settings = Settings.model_validate({
            "kafka": "", "partitions": PARTITIONS, "run_dir": home, "smtp_port": free_port(),
            "database_url": SecretStr(f"sqlite:///{home / 'ledger.db'}"), "breaker_floor": 1_000_000, "canary_s": 0,
        })  # fmt: skip
        server = [sys.executable, "-m", "deploy.mail", "--folder", str(home / "mails"), "--port",
                  str(settings.smtp_port)]  # fmt: skip
        with Stack(settings, others={"mail": server}) as stack:
            try:
                _introduce(stack.settings, troubles)
                traffic = Traffic(rate, troubles, TROUBLES_PER_S)
                print(f"{rate:.0f} events/s for {traffic.seconds:.0f} s, {TROUBLES_PER_S:g} mails/s", flush=True)
                reached = asyncio.run(send_paced(stack.settings, traffic))
                _await_mails(home / "mails", troubles)
                result = _result(stack.settings, home / "mails", traffic, speeds, (rate, reached))
            except Exception:
                _print_logs(home / "logs")  # they go with the folder
                raise
            return msgspec.structs.replace(result, restarts=stack.supervisor.restarts())


def _introduce(settings: Settings, troubles: int) -> None:
    """Everybody who will be in trouble, before it; returns when the ledger knows them."""
    names = [troubled(number) for number in range(troubles)]
    now = real_now()
    people = [event for name in names for event in (profile(name, now), address(name, now))]
    asyncio.run(send(settings, people))
    ledger, ends = Ledger(settings.database_url.get_secret_value()), time.monotonic() + PATIENCE_S
    try:
        while _known(ledger) < 2 * troubles:
            if time.monotonic() > ends:
                raise NotReady(f"the ledger does not know the customers after {PATIENCE_S:g} s: see the logs")
            time.sleep(0.1)
    finally:
        ledger.close()


def _known(ledger: Ledger) -> int:
    try:
        with ledger.read() as connection:
            return sum(connection.scalar(select(func.count()).select_from(one)) or 0 for one in (consents, addresses))
    except LedgerUnavailable:
        return 0


def _await_mails(folder: Path, wanted: int) -> None:
    """Until all mails are there; a mail that is missing after a while will be missing in the result."""
    ends = time.monotonic() + PATIENCE_S
    while len(read_accepted(folder)) < wanted and time.monotonic() < ends:
        time.sleep(0.2)


def _result(
    settings: Settings, mails: Path, traffic: Traffic, speeds: dict[str, float], rates: tuple[float, float]
) -> Result:
    ledger = Ledger(settings.database_url.get_secret_value())
    try:
        with ledger.read() as connection:
            found = stages(connection, read_accepted(mails), traffic.caused)
    finally:
        ledger.close()
    measured = found[WARM_UP:]
    if not measured:
        raise NotReady(f"{len(found)} of {len(traffic.caused)} mails came: see the logs of the roles")
    seconds = np.array([one.whole_s for one in measured])
    bounds = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0, 2.5, 5.0, 60.0])
    counts = np.histogram(seconds, bins=np.concatenate([[-60.0], bounds]))[0]
    return Result(
        seconds=_percentiles(seconds), required_s=REQUIRED_S, mails=len(measured), warm_up_mails=WARM_UP,
        duplicates=len(duplicates(mails)), missing=len(traffic.caused) - len(found), restarts={},
        histogram=[(float(bound), int(count)) for bound, count in zip(bounds, counts, strict=True)],
        stages_p50=_middle(measured), full_speed={role: round(speed) for role, speed in speeds.items()},
        asked_rate=round(rates[0]), reached_rate=round(rates[1]),
        settings={"checkpoint_s": f"{settings.checkpoint_s:g}", "partitions": str(settings.partitions),
                  "database": "SQLite, synchronous=FULL", "senders": str(settings.senders)},
    )  # fmt: skip


def _print_logs(folder: Path) -> None:
    for log in sorted(folder.glob("*.log")):
        print(f"-- {log.name}\n{log.read_text(errors='replace')[-1500:]}", file=sys.stderr)


def _percentiles(seconds: npt.NDArray[np.float64]) -> dict[str, float]:
    names = {"min": 0, "p50": 50, "p90": 90, "p99": 99, "max": 100}
    return {name: round(float(np.percentile(seconds, percent)), 3) for name, percent in names.items()}


def _middle(measured: list[Stages]) -> dict[str, float]:
    return {
        "cause to decision": round(float(np.median([one.decided_s for one in measured])), 3),
        "decision to mail": round(float(np.median([one.whole_s - one.decided_s for one in measured])), 3),
    }


def _print(result: Result) -> None:
    rates = f"{result.reached_rate:.0f} events/s (asked: {result.asked_rate:.0f})"
    wrong = {"duplicates": result.duplicates, "missing": result.missing, "restarts": sum(result.restarts.values())}
    print(f"\n{result.mails} mails at {rates}; " + ", ".join(f"{count} {what}" for what, count in wrong.items()))
    most = max(count for _, count in result.histogram)
    for bound, count in result.histogram:
        if count:
            print(f"  up to {bound:5.1f} s {count:6}  {'#' * round(50 * count / most)}")
    for name, value in result.seconds.items():
        limit = result.required_s.get(name)
        told = "" if limit is None else f"   required: below {limit:g}{'' if value < limit else '   MISSED'}"
        print(f"{name:>6}{value:8.3f} s{told}")
    for name, value in result.stages_p50.items():
        print(f"  p50 {name}: {value:.3f} s")


if __name__ == "__main__":
    sys.exit(main())
