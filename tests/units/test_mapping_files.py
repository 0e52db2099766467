"""The mapping files of a worker: each topic once, none of ours, and a worker that cannot use them does not start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.mapping.errors import MappingWrong
from streams.mappings import mappings_of, topics_of
from streams.roles.identify import identify
from streams.roles.ingest import ingest
from streams.settings import Settings, SettingsError
from streams.topics import OWN, table
from tests.mapped import FOLDER, NAMES

FILES = [FOLDER / f"{name}.yaml" for name in NAMES]


def copy(folder: Path, name: str, *changes: tuple[str, str]) -> Path:
    text = (FOLDER / "carrier-scans.yaml").read_text()
    for old, new in changes:
        text = text.replace(old, new)
    (folder / name).write_text(text)
    return folder / name


def test_ingest_reads_the_mapped_topics_beside_ours_each_with_its_own_partitions(tmp_path: Path) -> None:
    six = copy(tmp_path, "six.yaml", ("version: 1\n", "version: 1\npartitions: 6\n"))
    role = ingest(Settings(partitions=4, mappings=[FILES[0], six]))
    assert role.inputs == ("orders.v1", "telemetry.v1", "care.v1", "shopify.orders", "carrier.scans")
    assert role.foreign == {"shopify.orders": 4, "carrier.scans": 6}
    assert "identities.v1" in role.outputs


def test_mapped_topics_need_states_and_identities_and_are_not_ours_to_make() -> None:
    more = {one.name: one.partitions for one in topics_of(Settings(partitions=4, mappings=FILES[:1]))}
    assert {name: count for name, count in more.items() if name not in {one.name for one in table(4)}} == {
        "ingest.shopify.orders.state": 4, "identities.v1": 4, "identify.identities.v1.state": 4,
    }  # fmt: skip
    assert topics_of(Settings(partitions=4)) == table(4)
    assert {one.name for one in table(4) if not one.name.endswith(".state")} < set(OWN)


@pytest.mark.parametrize("topic", OWN)
def test_a_topic_of_ours_is_not_mapped(topic: str, tmp_path: Path) -> None:
    file = copy(tmp_path, "m.yaml", ("carrier.scans", topic))
    with pytest.raises(MappingWrong, match=rf"m\.yaml: topic {topic} is one of this service's own: map another one$"):
        mappings_of(Settings(mappings=[file]))


def test_a_topic_is_mapped_once_and_a_name_given_once(tmp_path: Path) -> None:
    same = copy(tmp_path, "same.yaml")
    with pytest.raises(MappingWrong, match=r"topic carrier\.scans is mapped by carrier-scans, too: put both into one"):
        mappings_of(Settings(mappings=[FILES[2], same]))
    named = copy(tmp_path, "named.yaml", ("carrier.scans", "other.scans"))
    with pytest.raises(MappingWrong, match="another mapping is named carrier-scans, too: give it a name of its own"):
        mappings_of(Settings(mappings=[FILES[2], named]))


def test_identify_has_no_work_without_a_mapping() -> None:
    with pytest.raises(SettingsError, match="BEFOREHAND_MAPPINGS: nothing is mapped"):
        identify(Settings())


@pytest.mark.parametrize("command", [["worker", "ingest"], ["worker", "identify"], ["topics", "apply"]], ids=" ".join)
def test_a_wrong_mapping_ends_a_command_with_one_sentence_before_anything_is_asked_of_kafka(
    command: list[str], tmp_path: Path
) -> None:
    file = copy(tmp_path, "m.yaml", ("order.step.v1", "order.stepp.v1"))
    environment = os.environ | {"BEFOREHAND_KAFKA": "127.0.0.1:9", "BEFOREHAND_MAPPINGS": f'["{file}"]'}
    ended = subprocess.run(
        [sys.executable, "-m", "beforehand", *command], env=environment, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith(
        f"beforehand: {file}: events.scanned.type: 'order.stepp.v1' cannot be mapped to: use"
    )
    assert ended.stderr.count("\n") == 1
