"""A customer's device gave a sign of life."""

from datetime import UTC, datetime
from typing import ClassVar, Self

from models.events.base import Event, Payload
from models.fields import Key


class DeviceReportedData(Payload, frozen=True):
    """`leaving`: it says goodbye (switched off on purpose, taken out of service); silence is then expected."""

    device_id: Key
    leaving: bool = False


class DeviceReported(Event, frozen=True, tag="device.reported.v1"):
    """A heartbeat or any message: it was alive at `time`."""

    topic: ClassVar[str] = "telemetry.v1"
    data: DeviceReportedData

    @classmethod
    def example(cls) -> Self:
        """A heating controller."""
        data = DeviceReportedData(device_id="heating-2")
        return cls(id="dv-1", source="shop", subject="c-1", time=datetime(2013, 2, 8, 9, 1, tzinfo=UTC), data=data)
