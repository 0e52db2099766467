"""What an operator sets of channels: sensible without a word, and refused in one sentence when it cannot work."""

import asyncio
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from beforehand.stack import PROCESSES, Stack
from models.decisions import Limits
from streams.channels import ChannelWrong, channels_of
from streams.roles import in_app, sender
from streams.roles.decide import limits_of
from streams.settings import Settings, as_environment
from tests.outreach import consent, decide, issue, new_ledger, remember, states
from tests.pages import KEY, holds


def keys(folder: Path) -> Path:
    file = folder / "keys"
    file.write_text(KEY + "\n")
    return file


def test_a_stuck_checkout_is_told_in_the_session_soon_or_not_at_all_all_else_by_mail(tmp_path: Path) -> None:
    plain = limits_of(Settings())
    assert plain.channels_for("late_delivery") == ("email",)
    assert plain.channels_for("stuck_checkout") == ()  # until the operator has set the channel up
    assert plain.channels_for("low_score") == ()  # it is for the shop's own people, by webhook
    ready = limits_of(Settings(in_app_keys=keys(tmp_path)))
    assert ready.channels_for("stuck_checkout") == ("in_app",)
    assert ready.detector_time_to_live == {"stuck_checkout": timedelta(minutes=15)}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"channels": ["pigeon"]}, "there is no channel 'pigeon': choose of email, in_app, record, webhook"),
        ({"detector_channels": {"x": ["owl"]}}, "no channel 'owl': .* in BEFOREHAND_DETECTOR_CHANNELS"),
        ({"channels": ["webhook"]}, "BEFOREHAND_CHANNELS names webhook, which needs BEFOREHAND_WEBHOOKS: set it too"),
        ({"channels": ["in_app"]}, "names in_app, which needs BEFOREHAND_IN_APP_KEYS"),
        ({"detector_channels": {"x": ["in_app"]}}, "DETECTOR_CHANNELS names in_app, which needs"),
        ({"in_app_origins": ["https://shop.example/"]}, "channel in_app origins: .* such as https://shop.example"),
    ],
)
def test_what_cannot_work_is_refused_in_words(given: dict[str, object], told: str) -> None:
    with pytest.raises(ChannelWrong, match=told):
        channels_of(Settings.model_validate(given))


def test_files_that_do_not_hold_end_the_role_in_words_without_a_secret(tmp_path: Path) -> None:
    (tmp_path / "hooks.json").write_text(
        '{"*": {"url": "http://10.0.0.1/hunter2", "secrets": ["whsec_' + "N" * 32 + '"]}}'
    )
    (tmp_path / "keys").write_text("hunter2")
    url = f"sqlite:///{tmp_path}/ledger.db"
    with pytest.raises(ChannelWrong, match=r"channel webhook: hooks\.json: \*: url is not https") as error:
        asyncio.run(sender.run(Settings(database_url=url, webhooks=tmp_path / "hooks.json"), asyncio.Event()))
    assert "hunter2" not in str(error.value)
    with pytest.raises(BaseExceptionGroup) as group:
        asyncio.run(in_app.run(Settings(database_url=url, in_app_keys=tmp_path / "keys"), asyncio.Event()))
    assert "a key is shorter than 32" in str(group.value.exceptions[0])


def test_a_port_that_is_taken_and_a_role_without_keys_end_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        given = Settings(
            kafka="127.0.0.1:1",
            database_url=f"sqlite:///{tmp_path}/ledger.db",
            in_app_keys=keys(tmp_path),
            in_app_port=taken.getsockname()[1],
        )
        for settings, told in ((given, "address already in use"), (Settings(kafka="127.0.0.1:1"), "has no keys")):
            ended = subprocess.run(
                [sys.executable, "-m", "beforehand", "worker", "in_app"],
                capture_output=True,
                text=True,
                timeout=60,
                env=as_environment(settings),
            )
            assert ended.returncode == 2
            assert told in ended.stderr
            assert len(ended.stderr.splitlines()) == 1


def test_what_was_meant_for_pages_still_ends_when_the_operator_takes_the_keys_away(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path)
    remember(ledger, consent("c-1", True, "in_app"))
    assert decide(ledger, issue(1), limits=Limits(channels=("in_app",))) == 1  # in 2013: too old by now

    async def work() -> None:
        stop = asyncio.Event()
        serving = asyncio.create_task(sender.run(Settings(database_url=f"sqlite:///{tmp_path}/ledger.db"), stop))
        await holds(lambda: states(ledger) == {"i-1": "EXPIRED"})
        stop.set()
        await serving

    asyncio.run(work())


def test_all_of_it_reaches_the_processes_and_pages_get_one_of_their_own(tmp_path: Path) -> None:
    given = Settings(in_app_keys=keys(tmp_path), in_app_origins=["https://shop.example"], webhook_loopback=True)
    environment = as_environment(given)
    assert environment["BEFOREHAND_IN_APP_ORIGINS"] == '["https://shop.example"]'
    assert KEY not in str(environment)
    assert set(Stack(given)._commands) == {*PROCESSES, "in_app"}
    assert set(Stack(Settings())._commands) == set(PROCESSES)
