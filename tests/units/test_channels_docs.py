"""What docs/channels.md says is run: every snippet of it, against the code that it speaks of."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from beforehand.worker import ROLES
from models.notifications import outreach_id
from notifiers.channels.catalogue import all_channels
from notifiers.channels.webhook import body_of
from notifiers.sessions.tokens import listener_of, read_keys
from notifiers.webhooks.endpoints import read_endpoints
from notifiers.webhooks.signing import secret_bytes, signed_headers
from streams.channels import channels_of
from streams.clock import real_now
from streams.roles.decide import limits_of
from streams.settings import Settings, load
from tests.hooks import AT, message

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "channels.md").read_text()


def snippets(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def run(snippet: str, folder: Path) -> str:
    done = subprocess.run(
        ["/bin/sh", "-euc", snippet], cwd=folder, capture_output=True, text=True, check=True, timeout=30
    )
    return done.stdout


def function(name: str) -> object:
    found = [one for one in snippets("python") if f"def {name}(" in one]
    names: dict[str, object] = {}
    exec(found[0], names)  # noqa: S102 - the snippet is what is tested
    return names[name]


def test_every_channel_is_described_and_every_role_named_exists() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)) == set(all_channels())
    assert set(re.findall(r"beforehand worker (\w+)", TEXT)) <= set(ROLES)
    assert (DOCS / "examples" / "in_app" / "index.html").exists()


def test_the_settings_are_settings_and_channels_come_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("BEFOREHAND_")]:
        monkeypatch.delenv(name)  # what this machine has set does not count here
    (tmp_path / ".env").write_text(snippets("sh")[0])
    settings = load()
    assert len(settings.model_fields_set) == len(snippets("sh")[0].splitlines())
    assert {"email", "in_app", "webhook"} <= set(channels_of(settings))
    assert limits_of(settings).channels_for("late_delivery") == ("webhook", "email")
    assert limits_of(settings).channels_for("stuck_checkout") == ("in_app",)


def test_what_is_said_of_the_default_is_so() -> None:
    assert "`stuck_checkout` is told by `in_app` alone, within 15 minutes" in TEXT
    assert "`low_score`, `unhappy_mention` and `will_complain` by `webhook` alone" in TEXT
    assert Settings.model_fields["detector_channels"].default == {
        "stuck_checkout": ["in_app"],
        "low_score": ["webhook"],
        "unhappy_mention": ["webhook"],
        "will_complain": ["webhook"],
    }
    assert Settings.model_fields["detector_time_to_live_s"].default == {"stuck_checkout": 900.0}


def test_the_key_and_the_token_that_are_made_as_told_let_their_customer_in(tmp_path: Path) -> None:
    run(snippets("sh")[1], tmp_path)
    keys = read_keys((tmp_path / "in_app.keys").read_bytes())
    made = function("beforehand_token")
    assert callable(made)
    assert listener_of(made("c-1", keys[0].decode()), keys, real_now()).customer_id == "c-1"


def test_the_file_of_endpoints_holds_and_the_secret_that_is_made_as_told_is_one(tmp_path: Path) -> None:
    endpoints = read_endpoints(snippets("json")[0].encode(), allow_loopback=False)
    assert {name: len(one.keys) for name, (_, one) in endpoints.items()} == {"*": 1, "late_delivery": 2}
    assert len(secret_bytes(run(snippets("sh")[2], tmp_path).strip())) == 32


def test_the_receiver_as_told_knows_ours_from_others() -> None:
    is_ours = function("is_ours")
    assert callable(is_ours)
    secret, body = json.loads(snippets("json")[0])["*"]["secrets"][0], b'{"type": "customer.trouble"}'
    other = "whsec_" + "O" * 32
    now = int(real_now().timestamp())
    headers = signed_headers([secret_bytes(other), secret_bytes(secret)], outreach_id("i", "webhook"), now, body)
    assert is_ours(headers, body, secret)
    assert not is_ours(headers, body + b" ", secret)
    assert not is_ours(headers, body, "whsec_" + "X" * 32)
    old = signed_headers([secret_bytes(secret)], "i", now - 600, body)
    assert not is_ours(old, body, secret)


def test_the_body_has_the_members_that_are_told() -> None:
    told = re.search(r"The body, under 20 kB: `(.*?)`\.", TEXT, re.DOTALL)
    assert told is not None
    body = json.loads(body_of(message(), AT))
    assert set(re.findall(r'"(\w[\w.]+)"', told.group(1))) == {*body, *body["data"], body["type"]}


@pytest.mark.parametrize("file", ["README.md", "CHANGELOG.md"])
def test_it_can_be_found(file: str) -> None:
    assert "docs/channels.md" in (DOCS.parent / file).read_text()
