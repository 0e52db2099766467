"""The files whose tests take longest, in the order in which they begin: one that began last would leave a core idle.

Beside one that starts a whole service stands one that computes in a single process: neighbours begin at about the same
time, each on a core.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

LONGEST = (
    "e2e/test_demo.py",
    "units/test_olist_no_look_ahead.py",
    "e2e/test_replay_equals_live.py",
    "units/test_sender_crash_points.py",
    "e2e/test_crash.py",
    "units/test_sender_schedules.py",
    "e2e/test_replay_equals_live_orders.py",
    "e2e/test_zombie.py",
    "e2e/test_away.py",
    "e2e/test_mapped_crash.py",
    "e2e/test_shadow_commands.py",
    "e2e/test_notebook.py",
    "e2e/test_probes.py",
    "e2e/test_learning_kafka.py",
    "e2e/test_mapped_topics.py",
    "e2e/test_outage.py",
    "e2e/test_checkpoint_kafka.py",
    "e2e/test_operating.py",
    "e2e/test_in_app_way.py",
    "e2e/test_stuck_checkout_page.py",
    "e2e/test_canary.py",
    "e2e/test_dead_letters_replay.py",
    "e2e/test_telling.py",
    "units/test_embedded_kafka.py",
)
ROOT = Path(__file__).parent


def in_order(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """All of them; those of the longest files first, and within a file as they stand there."""
    rank = {ROOT / name: number for number, name in enumerate(LONGEST)}
    return sorted(items, key=lambda item: rank.get(item.path, len(rank)))
