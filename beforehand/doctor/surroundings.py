"""What is around the service besides Kafka: the ledger, the channels, the disk, and the settings themselves."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

from beforehand.doctor.finding import Finding, wrong
from ledger.database import Ledger
from ledger.reachable import is_current, is_there, revision
from models.errors import OperatorError
from models.notifications import TemporaryFailure
from streams.channels import channels_of
from streams.settings import Settings

DISK_BYTES = 1 << 30
"""Less than this free, and the embedded broker or the ledger will soon stop."""


def about_ledger(settings: Settings) -> Iterator[Finding]:
    """Whether it can be reached and is of this version. A SQLite file that is not there yet is left so."""
    try:
        ledger = Ledger(settings.database_url.get_secret_value())
        if not is_there(ledger):
            yield Finding("ledger", fine=f"{ledger.file} is not there yet: the first worker makes it")
            return
        try:
            found, current = revision(ledger), is_current(ledger)
        finally:
            ledger.close()
    except OperatorError as error:
        yield wrong("ledger", str(error))
        return
    if current:
        yield Finding("ledger", fine=f"answers at {ledger.name}")
    elif not found:
        yield Finding("ledger", fine=f"answers at {ledger.name}, and is empty: the first worker makes its tables")
    else:
        do = "start a worker of this version, which brings them up to date; if it refuses, run the newer version"
        yield Finding("ledger", wrong=f"its tables are of another version ({found})", do=do)


def about_channels(settings: Settings) -> Iterator[Finding]:
    """Whether each channel's provider can be reached. Nothing is sent."""
    try:
        channels = channels_of(settings)
    except OperatorError as error:
        yield wrong("channels", str(error))
        return
    for name in settings.channels:
        try:
            asyncio.run(channels[name].reach())
        except TemporaryFailure as error:
            where = f"{settings.smtp_host}:{settings.smtp_port}" if name == "email" else "its provider"
            do = "start it, or correct BEFOREHAND_SMTP_HOST, _PORT, _TLS, _USER, _PASSWORD" if name == "email" else ""
            yield Finding(name, wrong=f"{error} at {where}", do=do or "look at the provider and the channel's settings")
        else:
            yield Finding(name, fine="its provider answers")


def about_disk(settings: Settings) -> Iterator[Finding]:
    """Whether the run folder can be written, and has room."""
    folder = _existing(settings.run_dir.absolute())
    free = shutil.disk_usage(folder).free
    probe = folder / ".beforehand-doctor"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        do = "give this user the right to write there, or set BEFOREHAND_RUN_DIR"
        yield Finding("disk", wrong=f"{folder} cannot be written ({error.strerror})", do=do)
        return
    if free < DISK_BYTES:
        do = "make room: Kafka and the ledger stop when it is full"
        yield Finding("disk", wrong=f"only {free / 2**20:.0f} MiB are free at {folder}", do=do)
        return
    yield Finding("disk", fine=f"{free / 2**30:.0f} GiB are free at {folder}")


def about_settings(settings: Settings) -> Iterator[Finding]:
    """What can be read, and is hardly meant."""
    if settings.watchdog_s <= settings.give_up_s:
        what = f"BEFOREHAND_WATCHDOG_S ({settings.watchdog_s:g}) is not above BEFOREHAND_GIVE_UP_S"
        yield Finding("settings", wrong=what, do="set it higher: giving up says why, the watchdog can only guess")
    elif not settings.outreach:
        yield Finding("settings", fine="can be read; outreach is off (BEFOREHAND_OUTREACH)")
    else:
        yield Finding("settings", fine="can be read")


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder
