"""What a consumer of aiokafka knows of a partition from its last answer."""

from typing import Any

from streams.watermarks import Poll


def position_of(consumer: Any, place: Any) -> int | None:
    """The offset it will ask for next; None when it has none yet."""
    state = _state_of(consumer, place)
    return None if state is None else int(state.position)


def poll_of(consumer: Any, place: Any) -> Poll | None:
    """Position, end and instant of the newest answer; None before there was one."""
    state = _state_of(consumer, place)
    if state is None or state.highwater is None:
        return None
    return Poll(position=state.position, end=state.highwater, answered_at=state.timestamp / 1000)


def _state_of(consumer: Any, place: Any) -> Any:
    """Aiokafka shows it nowhere else."""
    subscription = consumer._subscription.subscription
    assignment = subscription.assignment if subscription else None
    state = assignment.state_value(place) if assignment else None
    return state if state is not None and state.has_valid_position else None
