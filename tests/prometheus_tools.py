"""Prometheus' own programs, from Debian's packages `prometheus` and `prometheus-alertmanager`."""

import os
import shutil

import pytest


def tool(name: str) -> str:
    """Where the program is. Without it the test is skipped, or fails where BEFOREHAND_REQUIRE names prometheus."""
    found = shutil.which(name)
    if found is None:
        say = f"no {name} on PATH: apt-get install prometheus prometheus-alertmanager"
        if "prometheus" in os.environ.get("BEFOREHAND_REQUIRE", "").split(","):
            pytest.fail(f"{say} (BEFOREHAND_REQUIRE)")
        pytest.skip(say)
    return found
