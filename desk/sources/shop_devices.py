"""Devices that customers of the simulated shop own: they report, are switched off at night, and some die."""

from datetime import datetime, timedelta

from desk.sources.shop_diary import Diary, days, minutes
from models.events.device_reported import DeviceReported, DeviceReportedData

OWNED_SHARE = 0.1
DIES_SHARE = 0.15
NIGHTLY_SHARE = 0.2
"""Switched off every night."""


def device(diary: Diary, joins: datetime, _end: datetime) -> None:
    """One customer in ten owns one, for a week or so; then it says goodbye.

    Healthy ones miss up to three reports now and then: a router that starts anew. Dead ones wake up after a day or two,
    or never.
    """
    if not diary.owns(OWNED_SHARE):
        return
    name, at = f"{diary.customer}-d0", joins + minutes(diary.between(1, 600))
    every, nightly = diary.between(15, 45), diary.has(NIGHTLY_SHARE)
    leaves = at + days(diary.between(6.5, 9))
    dies = at + days(diary.between(4, 6)) if diary.hits(DIES_SHARE) else None
    wakes: datetime | None = None
    while at < leaves:
        if dies is not None and at >= dies and wakes is None:
            wakes = at + days(diary.between(1, 3)) if diary.has(0.6) else leaves
            diary.troubled("silent_device", name, at, timedelta(hours=diary.about(12, 0.8)), wakes)
            at = wakes
            continue
        if not (nightly and at.hour < 7):
            diary.write(DeviceReported, at, DeviceReportedData(device_id=name))
        at += minutes(every * diary.between(0.8, 1.2) * (int(diary.rng.integers(2, 5)) if diary.has(0.004) else 1))
    if wakes is None:
        diary.untroubled("silent_device", name, joins, leaves, leaves)
    if wakes != leaves:
        diary.write(DeviceReported, leaves, DeviceReportedData(device_id=name, leaving=True))
