"""All checks, one after the other."""

from collections.abc import Iterator

from beforehand.doctor.broker import about_kafka
from beforehand.doctor.finding import Finding
from beforehand.doctor.surroundings import about_channels, about_disk, about_ledger, about_settings
from streams.settings import Settings

CHECKS = (about_settings, about_kafka, about_ledger, about_channels, about_disk)


def examine(settings: Settings) -> Iterator[Finding]:
    """What each check finds, as it is found: the next may take seconds."""
    for check in CHECKS:
        yield from check(settings)
