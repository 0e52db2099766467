"""Settings come from the environment, survive the way to another process, and never show a secret."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from streams.settings import Settings, SettingsError, as_environment, as_shown, load


def test_settings_survive_the_way_through_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    given = Settings(
        kafka="127.0.0.1:9092", partitions=4, clock_file=tmp_path / "clock", outreach=False, channels=["record"],
        database_url=SecretStr("postgresql+psycopg://me:word@127.0.0.1/db"), allowed_domains=["example.org"],
        outreach_from=datetime(2013, 2, 7, 5, tzinfo=UTC), parameters={"late_delivery": {"open_at": 0.5}},
    )  # fmt: skip
    for name, value in as_environment(given).items():
        monkeypatch.setenv(name, value)
    assert load() == given


@pytest.mark.parametrize(
    ("name", "value"),
    [("PARTITIONS", "none"), ("SMTP_PORT", "70000"), ("WATERMARK", "moon"), ("OUTREACH_FROM", "2013-02-07T00:00:00")],
)
def test_a_wrong_setting_is_named_but_its_value_is_not_shown(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"BEFOREHAND_{name}", value)
    with pytest.raises(SettingsError, match=f"BEFOREHAND_{name}") as caught:
        load()
    assert value not in str(caught.value)


@pytest.mark.parametrize("name", ["MAPPINGS", "CHANNELS"])
def test_a_list_that_is_no_json_is_one_sentence(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"BEFOREHAND_{name}", "one.yaml,two.yaml")
    with pytest.raises(SettingsError, match=rf'^BEFOREHAND_{name}: not JSON: write a list as \["one", "two"\]$'):
        load()


def test_shown_settings_hide_every_secret() -> None:
    settings = Settings(
        kafka_password=SecretStr("hush1"), smtp_password=SecretStr("hush2"),
        database_url=SecretStr("postgresql+psycopg://me:hush3@127.0.0.1/db"),
    )  # fmt: skip
    shown = " ".join(value for _, value in as_shown(settings))
    assert "hush" not in shown
    assert "postgresql+psycopg://me:***@127.0.0.1/db" in shown
