"""The channels of this process, made from the settings; and which of them serve which issues."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from models.errors import OperatorError
from notifiers.channels.catalogue import all_channels
from notifiers.channels.channel import Channel, Outside
from streams.clock import random_id, real_now
from streams.settings import PREFIX, Settings

NEEDED = {"in_app": "in_app_keys", "webhook": "webhooks"}
"""Channel -> the setting without which it cannot send."""


class ChannelWrong(OperatorError):
    """A channel is unknown, or its settings are. Operator action: correct the named setting."""


def set_up(settings: Settings, names: Sequence[str]) -> tuple[str, ...]:
    """Those of the channels that can send; the defaults name some that an operator may not have set up."""
    return tuple(name for name in names if name not in NEEDED or getattr(settings, NEEDED[name]) is not None)


def channels_of(settings: Settings) -> dict[str, Channel]:
    """Every channel there is, by name. Raises `ChannelWrong`."""
    known, given = all_channels(), _given(settings)
    _require_known(settings.channels, "channels", known, settings)
    for names in settings.detector_channels.values():
        if "detector_channels" in settings.model_fields_set:
            _require_known(names, "detector_channels", known, settings)
    return {name: _channel(name, kind, given.get(name, {})) for name, kind in known.items()}


def _require_known(names: Sequence[str], setting: str, known: Mapping[str, object], settings: Settings) -> None:
    for name in names:
        where = PREFIX + setting.upper()
        if name not in known:
            raise ChannelWrong(f"there is no channel {name!r}: choose of {', '.join(known)} in {where}")
        if not set_up(settings, [name]):
            raise ChannelWrong(f"{where} names {name}, which needs {PREFIX}{NEEDED[name].upper()}: set it too")


def _channel(name: str, kind: Any, given: Mapping[str, object]) -> Channel:
    try:
        channel: Channel = kind(kind.Config(**given), Outside(real_now, random_id))
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in wrong["loc"])
        raise ChannelWrong(f"channel {name} {where}: {wrong['msg']}: correct its settings") from None
    return channel


def _given(settings: Settings) -> dict[str, dict[str, object]]:
    """What the operator may set, by channel; a channel without an entry takes its defaults."""
    return {
        "email": {
            "host": settings.smtp_host,
            "port": settings.smtp_port,
            "tls": settings.smtp_tls,
            "user": settings.smtp_user,
            "password": settings.smtp_password,
            "mail_from": settings.mail_from,
            "allowed_domains": frozenset(settings.allowed_domains),
            "connections": settings.senders,
            "reply_timeout_s": settings.smtp_timeout_s,
        },
        "webhook": {"endpoints": settings.webhooks, "allow_loopback": settings.webhook_loopback},
        "in_app": {
            "keys": settings.in_app_keys,
            "origins": frozenset(settings.in_app_origins),
            "host": settings.in_app_host,
            "port": settings.in_app_port,
        },
    }
