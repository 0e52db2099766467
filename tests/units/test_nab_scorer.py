"""The benchmark's rules: its own result files must get its published scores, and each rule is seen alone."""

import json
from pathlib import Path

import numpy as np
import pytest

from bench.nab_scorer import PUBLISHED, results
from desk.scores.nab import PROFILES, File, Profile, nab
from desk.sources.nab import windows_of

STANDARD = PROFILES["standard"]
AT = np.arange(1000, dtype=np.int64)


@pytest.mark.parametrize("detector", PUBLISHED)
def test_the_benchmarks_own_results_get_its_published_scores(recorded_data: Path, detector: str) -> None:
    said = results(recorded_data / "nab", detector)
    assert (len(said.files), sum(file.labelled for file in said.files)) == (58, 116)
    for profile, threshold, score in zip(PROFILES, *PUBLISHED[detector], strict=True):
        assert round(said.score(profile, threshold).score, 2) == score
        assert said.score(profile).score >= score - 0.005, "no threshold is better than the chosen one"


def alarms(*rows: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    said = np.zeros(1000)
    said[list(rows)] = 1.0
    return said


def score(*rows: int, profile: Profile = STANDARD) -> float:
    return nab([File(AT, [(500, 599)])], [alarms(*rows)], profile, 1.0).score


def test_the_first_row_of_a_window_is_nearly_all_and_later_ones_are_worth_less() -> None:
    assert score(500) == pytest.approx(100.0)
    assert score(500) > score(550) > score(599) > 50.0
    assert score(500, 501, 599) == score(500), "a window counts once, with its best alarm"


def test_a_false_alarm_costs_less_soon_after_a_window_and_all_before_it() -> None:
    assert score(500, 605) > score(500, 690) > score(500, 999)
    assert score(500, 400) == score(500) - 100 * 0.11 / 2
    assert score(500, 400, profile=PROFILES["reward_low_fp"]) == score(500) - 100 * 0.22 / 2


def test_what_is_said_in_probation_counts_neither_way() -> None:
    assert score(500, 0, 149) == score(500)
    assert score(500, 150) < score(500)


def test_one_threshold_is_chosen_for_all_files_and_silence_is_a_choice() -> None:
    files = [File(AT, [(500, 599)]), File(AT, [])]
    said = [alarms(500) * 0.7, alarms(300, 600, 900) * 0.4]
    chosen = nab(files, said, STANDARD)
    assert (chosen.threshold, chosen.hits, chosen.windows, chosen.false_rows) == (0.7, 1, 1, 0)
    assert nab(files[1:], said[1:], STANDARD).score == 0.0
    assert nab(files, [alarms(), alarms(1, 200)], STANDARD).score == 0.0


def test_scores_for_other_rows_than_the_files_are_refused() -> None:
    with pytest.raises(ValueError, match="one score per row"):
        nab([File(AT, [])], [np.zeros(999)], STANDARD)


def test_the_label_file_names_series_without_their_ending(tmp_path: Path) -> None:
    path = tmp_path / "windows.json"
    path.write_text(json.dumps({"a/b.csv": [["2014-04-10 07:15:00.000000", "2014-04-11 16:45:00.000000"]]}))
    assert windows_of(path) == {"a/b": [(1397114100, 1397234700)]}
