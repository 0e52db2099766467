"""What an operator may set. Environment variables with the prefix BEFOREHAND_, or a `.env` file."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, SecretStr, ValidationError
from pydantic_core import to_json
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as NotJson

from models.errors import OperatorError

PREFIX = "BEFOREHAND_"
_PASSWORD = re.compile(r"(//[^:/@]*):[^@]*@")
Seconds = Annotated[float, Field(gt=0, le=3600)]


class Settings(BaseSettings):
    """All settings, with defaults that are safe: nothing is sent anywhere but to this machine."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", hide_input_in_errors=True, frozen=True
    )

    kafka: str = Field("", description="host:port,... of an existing cluster; empty: `up` starts an embedded one")
    kafka_security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_user: str = ""
    kafka_password: SecretStr = SecretStr("")
    kafka_ca_file: Path | None = None
    kafka_allow_plaintext: bool = Field(False, description="allow an unencrypted connection beyond loopback")
    partitions: int = Field(16, ge=1, le=1024, description="partitions of the journal; never changes")

    database_url: SecretStr = SecretStr("sqlite:///.run/ledger.db")
    run_dir: Path = Field(Path(".run"), description="where logs, the embedded broker and the demo's mails go")

    clock_file: Path | None = Field(None, description="a replay's clock; unset: the real time")
    watermark: Literal["wall", "feed"] = Field("wall", description="what ticks trust: arrival, or the producer's word")
    settle_s: Annotated[float, Field(ge=0, le=3600)] = Field(5.0, description="how long events may be under way")
    checkpoint_s: Seconds = 0.25
    beat_s: Seconds = Field(5.0, description="how often ticks are written while nothing arrives")
    session_timeout_s: Seconds = 6.0
    transaction_timeout_s: Seconds = 12.0
    give_up_s: Seconds = Field(60.0, description="a broker or database away for so long ends the process")

    mappings: list[Path] = Field([], description="mapping files; a new one goes to the end")
    identity_wait_s: float = Field(3600.0, gt=0, description="how long an event waits to know its customer")
    identity_waiting: int = Field(10_000, ge=1, description="so many wait in a partition before the oldest gives up")

    probes_host: str = Field("127.0.0.1", description="where /metrics, /healthz and /readyz are served")
    probes_port: int = Field(0, ge=0, le=65535, description="0: a free one; under `up` this is the port of `up` itself")
    stall_s: Seconds = Field(180.0, description="behind and without progress for so long is not healthy")
    watchdog_s: Seconds = Field(120.0, description="reading without a commit for so long ends the process")
    canary_s: float = Field(60.0, ge=0, le=3600, description="how often a canary is sent; 0: never")

    outreach: bool = Field(True, description="the kill switch: false holds every message")
    outreach_from: AwareDatetime | None = Field(None, description="issues opened before are only recorded")
    channels: list[str] = ["email"]
    detector_channels: dict[str, list[str]] = Field(
        {
            "stuck_checkout": ["in_app"],
            "low_score": ["webhook"],
            "unhappy_mention": ["webhook"],
            "will_complain": ["webhook"],
        },
        description="detector -> its channels, in order, in place of `channels`",
    )
    allowed_domains: list[str] = Field([], description="only these may be written to; empty: all")
    time_to_live_s: Annotated[float, Field(gt=0)] = 6 * 3600.0
    detector_time_to_live_s: dict[str, Annotated[float, Field(gt=0)]] = Field(
        {"stuck_checkout": 900.0}, description="detector -> how long its issues may be told, in place of the above"
    )
    cooldown_s: Annotated[float, Field(ge=0)] = 12 * 3600.0
    open_contact_s: Annotated[float, Field(ge=0)] = Field(
        7 * 86_400.0, description="how long a care contact that is never closed keeps us silent, since it was opened"
    )
    cap_per_day: Annotated[int, Field(ge=0)] = 2
    cap_per_week: Annotated[int, Field(ge=0)] = 4

    breaker_floor: int = Field(50, ge=0, description="sends in 5 minutes that are never too many; 0: no breaker")
    breaker_times: float = Field(5.0, gt=0, description="so many times the usual halts all sends")

    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(1025, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_tls: Literal["none", "starttls", "tls"] = "none"
    smtp_timeout_s: Seconds = 600.0
    mail_from: str = "Care <care@shop.example>"
    webhooks: Path | None = Field(None, description="file of the shop's endpoints; unset: no webhook channel")
    webhook_loopback: bool = Field(False, description="plain HTTP to this machine is an endpoint too; for tests")
    in_app_keys: Path | None = Field(None, description="file of keys that sign customers' tokens; unset: no in_app")
    in_app_origins: list[str] = Field([], description="pages that may listen, such as https://shop.example")
    in_app_host: str = "127.0.0.1"
    in_app_port: int = Field(8473, ge=0, le=65535)
    lease_s: Seconds = Field(30.0, description="how long a sender may hold a row before another looks after it")
    senders: int = Field(8, ge=1, le=64, description="mails under way at once")

    data: Path = Field(Path("..") / "shared" / "data", description="recorded data of the desk's commands")
    shadow: bool = Field(False, description="`up` also runs the challengers (`beforehand shadow`)")
    parameters: dict[str, dict[str, object]] = Field({}, description="detector -> its parameters")


class SettingsError(OperatorError):
    """A setting is wrong. Operator action: correct the named variable."""


def load() -> Settings:
    """Settings of this process. Raises `SettingsError` with one line per wrong variable, without its value."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = [
            f"{PREFIX}{'_'.join(str(part) for part in one['loc']).upper()}: {one['msg']}"
            for one in error.errors(include_input=False, include_url=False, include_context=False)
        ]
        raise SettingsError("; ".join(wrong)) from None
    except NotJson as error:
        name = (re.findall(r'field "(\w+)"', str(error)) or ["settings"])[0]
        raise SettingsError(f'{PREFIX}{name.upper()}: not JSON: write a list as ["one", "two"]') from None


def as_environment(settings: Settings) -> dict[str, str]:
    """The variables that give another process of ours the same settings. Holds secrets: never print it."""
    environment = {}
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if value == field.default or value is None:
            continue
        environment[f"{PREFIX}{name.upper()}"] = _as_text(value)
    return environment


def _as_text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return to_json(value).decode() if isinstance(value, list | dict) else str(value)


def as_shown(settings: Settings) -> list[tuple[str, str]]:
    """Variable and value of every setting, secrets hidden, the password of a database address too."""
    shown = []
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = _PASSWORD.sub(r"\1:***@", value.get_secret_value()) if name == "database_url" else str(value)
        shown.append((f"{PREFIX}{name.upper()}", str(value)))
    return shown
