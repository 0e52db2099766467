"""Data in the format that is known, but not the data that is known: cut, odd, or spoilt; by `evaluate`, as typed."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from desk.journal_file import JournalWriter
from desk.scores.scored import NAMES
from models.events.catalogue import encode
from models.events.model_updated import ModelUpdated
from models.events.parameters_updated import ParametersUpdated, ParametersUpdatedData
from tests.e2e.commands import Here, assert_refused
from tests.mini_olist import write_olist

TWEETS = "tweet_id,airline_sentiment,negativereason,airline,text,tweet_created"
CALLS = "Ticket #,Time,Received Via,City,State,date_fixed"
SERIES = "timestamp,value"


def tweets(count: int) -> str:
    rows = (
        f"{n},{'negative' if n % 3 else 'positive'},,U,{'no help at all' if n % 3 else 'thanks a lot'},"
        f"2/{16 + n // 24}/2015 {n % 24}:36"
        for n in range(count)
    )
    return "\n".join((TWEETS, *rows))


def calls(count: int) -> str:
    rows = (f"{n},3:53:50 PM,Phone,Atlanta,Georgia,2015-06-{1 + n % 28:02}" for n in range(count))
    return "\n".join((CALLS, *rows))


def series(count: int) -> str:
    rows = (f"2014-01-{1 + n // 288:02} {n % 288 // 12:02}:{n % 12 * 5:02}:00,{n % 7}" for n in range(count))
    return "\n".join((SERIES, *rows))


def written(folder: Path, name: str, text: str, *, gz: bool = False) -> Path:
    """The text as a file; `folder`."""
    place = folder / f"{name}.csv{'.gz' if gz else ''}"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(gzip.compress(text.encode()) if gz else text.encode())
    return folder


def labelled(folder: Path, windows: dict[str, list[list[str]]]) -> Path:
    """As the benchmark says where trouble is."""
    (folder / "labels").mkdir(parents=True)
    (folder / "labels" / "combined_windows.json").write_text(json.dumps(windows))
    return folder


def told(here: Here, folder: Path, source: str, data: Path, *more: str) -> dict[str, dict[str, float | None]]:
    """The scores of each detector, as written; the figures are printed, too."""
    found = here(["evaluate", source, "--data", str(data), "--json", "found.json", *more], folder)
    assert found.returncode == 0, found.stderr
    assert "null" in found.stdout
    scores: dict[str, dict[str, float | None]] = json.loads((folder / "found.json").read_text())["detectors"]
    for one in scores.values():
        assert tuple(one) == NAMES
    return scores


@pytest.mark.parametrize("gz", [False, True], ids=["plain", "gzipped"])
def test_a_few_tweets_will_do(tmp_path: Path, here: Here, gz: bool) -> None:
    scores = told(here, tmp_path, "mentions", written(tmp_path / "d", "tweets", tweets(60), gz=gz))
    precision = scores["unhappy_mention"]["average_precision"]
    assert precision is not None
    assert precision > 0.5


def test_earlier_tweets_warm_up_those_that_are_asked_about(tmp_path: Path, here: Here) -> None:
    data = written(tmp_path / "d", "tweets", tweets(60))
    found = here(["evaluate", "mentions", "--data", str(data), "--since", "2015-02-17"], tmp_path)
    assert "36 rows" in found.stdout
    assert "120 events" in found.stdout
    assert "the null says 0" not in found.stdout


def test_quiet_days_without_any_surge_have_figures(tmp_path: Path, here: Here) -> None:
    scores = told(here, tmp_path, "complaints", written(tmp_path / "d", "complaints_fixed_dates", calls(60)))
    assert scores["complaint_surge"]["average_precision"] is None
    assert scores["complaint_surge"]["brier"] is not None


@pytest.mark.parametrize("rows", [2, 40, 600])
def test_series_without_any_trouble_and_short_ones_have_figures(tmp_path: Path, here: Here, rows: int) -> None:
    data = labelled(tmp_path / "d", {"quiet/a.csv": [], "not/there.csv": [["2014-01-01 00:00:00"] * 2]})
    scores = told(here, tmp_path, "nab", written(data / "data", "quiet/a", series(rows)).parent)
    assert scores["unusual_metric"]["average_precision"] is None
    assert scores["unusual_metric"]["ece"] is not None


def test_orders_of_two_months_only_are_half_played_and_half_asked_about(tmp_path: Path, here: Here) -> None:
    data = write_olist(tmp_path / "data")
    scores = told(here, tmp_path, "olist", data)
    assert {"late_delivery", "will_complain"} <= scores.keys()


BAD: Sequence[tuple[str, str, str, list[str]]] = [
    ("mentions", "tweets", TWEETS.replace(",text", ""), ["no column 'text'"]),
    ("mentions", "tweets", TWEETS, ["no row with a time", "--data"]),
    ("mentions", "tweets", "", ["tweets.csv", "replace the file"]),
    ("mentions", "tweets", f"{TWEETS}\n1,negative,,U,hello,yesterday", ["row 1, is no time", "correct it"]),
    ("mentions", "tweets", f"{TWEETS}\n1,negative,,U,hello,", ["no row with a time"]),
    ("complaints", "complaints_fixed_dates", CALLS.replace(",City", ""), ["no column 'City'"]),
    ("complaints", "complaints_fixed_dates", CALLS, ["no row with a time"]),
    ("series", "x", "timestamp,wert\n2014-01-01 00:00:00,1", ["no column 'value'"]),
    ("series", "x", f"{SERIES}\n2014-01-01 00:00:00,much", ["no number", "correct it"]),
]


@pytest.mark.parametrize(("source", "name", "text", "said"), BAD)
def test_a_table_that_cannot_be_used_is_told_in_one_sentence(
    tmp_path: Path, here: Here, source: str, name: str, text: str, said: list[str]
) -> None:
    data = written(tmp_path / "d", name, text)
    assert_refused(here(["evaluate", source, "--data", str(data), "--json", "x.json"], tmp_path), *said)
    assert not (tmp_path / "x.json").exists()


@pytest.mark.parametrize(
    ("source", "name", "text"),
    [("mentions", "tweets", tweets(5)), ("complaints", "complaints_fixed_dates", calls(5)), ("series", "x", series(5))],
)
def test_an_empty_window_is_told_with_what_there_is(
    tmp_path: Path, here: Here, source: str, name: str, text: str
) -> None:
    data = written(tmp_path / "d", name, text)
    words = ["evaluate", source, "--data", str(data), "--since", "2030-01-01", "--json", "x.json"]
    assert_refused(here(words, tmp_path), "nothing lies", "--since", "201")
    assert not (tmp_path / "x.json").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"detector": "payment_retry_loop", "parameters": {"open_at": 1.5}}', ["<= 1.0", "open_at", "tune again"]),
        ('{"detector": "payment_retry_loop", "parameters": {"no_such": 1}}', ["no_such"]),
        ('{"layout": "parameters.v9", "detector": "payment_retry_loop", "parameters": {}}', ["parameters.v9", "v1"]),
    ],
)
def test_a_file_of_parameters_that_do_not_hold_is_tried_nowhere(
    tmp_path: Path, here: Here, text: str, said: list[str]
) -> None:
    (tmp_path / "p.json").write_text(text)
    for words in (["shadow", "add", "x", "p.json"], ["shadow", "promote", "x", "p.json"]):
        assert_refused(here(words, tmp_path, kafka="127.0.0.1:1"), "p.json", *said)


def test_parameters_out_of_bounds_keep_a_role_from_starting(tmp_path: Path, here: Here) -> None:
    wrong = '{"late_delivery": {"open_at": 1.5}}'
    found = here(["worker", "detect"], tmp_path, kafka="127.0.0.1:1", parameters=wrong)
    assert_refused(found, "BEFOREHAND_PARAMETERS", "open_at", "<= 1.0")


def test_a_replay_names_the_snapshots_and_parameters_that_are_not_in_force(tmp_path: Path, here: Here) -> None:
    good = ModelUpdated.example()
    newer = msgspec.structs.replace(good, data=msgspec.structs.replace(good.data, layout="snapshot.v9"))
    spoilt = msgspec.structs.replace(good, data=msgspec.structs.replace(good.data, body=f"{good.data.body} "))
    data = ParametersUpdatedData(detector="payment_retry_loop", parameters='{"open_at": 1.5}')
    events = [good, newer, spoilt, msgspec.structs.replace(ParametersUpdated.example(), data=data)]
    (tmp_path / "kept").mkdir()
    writer = JournalWriter(tmp_path / "kept", 0)
    for offset, event in enumerate(events):
        writer.append(offset, encode(event))
    writer.close()
    found = here(["replay", "kept"], tmp_path)
    assert found.returncode == 0, found.stderr
    said = " ".join(found.stdout.split())
    for words in (
        "layout snapshot.v9",
        "update beforehand, or refit",
        "does not have the digest",
        "<= 1.0",
        "tune again",
    ):
        assert words in said, said
    assert said.count("not in force") == 3
