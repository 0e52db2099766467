"""The image and the compose file cannot be built by these tests; what they name must exist, and be pinned and safe."""

import ast
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from beforehand.cli import app
from beforehand.stack import PROCESSES, WITH_MAPPINGS, WITH_PAGES, WITH_SHADOW
from beforehand.worker import ROLES
from streams.mappings import mappings_of
from streams.settings import PREFIX, Settings
from tests.alert_files import DEPLOY, ROOT, read

DOCKERFILE = DEPLOY / "image" / "Dockerfile"
SERVICES: dict[str, dict[str, Any]] = read(DEPLOY / "compose.yaml")["services"]
OURS = {name: one for name, one in SERVICES.items() if one["image"].startswith("beforehand:")}
WORKERS = {name: one for name, one in OURS.items() if one["command"][0] == "worker"}
OPTIONAL = {name: one["profiles"] for name, one in SERVICES.items() if "profiles" in one}


def instructions() -> list[tuple[str, str]]:
    """Word and the rest of each instruction, comments left out and long lines joined."""
    text = "\n".join(line for line in DOCKERFILE.read_text().splitlines() if not line.startswith("#"))
    lines = text.replace("\\\n", " ").splitlines()
    return [(line.split()[0], line.split(maxsplit=1)[1].strip()) for line in lines if line.strip()]


def last_stage() -> list[tuple[str, str]]:
    all_ = instructions()
    return all_[max(number for number, (word, _) in enumerate(all_) if word == "FROM") :]


def environment_names() -> set[str]:
    named = set(re.findall(rf"\b({PREFIX}[A-Z_]+)=", DOCKERFILE.read_text()))
    return named | {name for one in OURS.values() for name in one["environment"] if name.startswith("BEFOREHAND")}


def test_every_image_is_pinned_to_a_version() -> None:
    images = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    images += [one["image"] for one in SERVICES.values()]
    assert len(images) == 2 + len(SERVICES)
    for image in images:
        name, _, tag = image.partition(":")
        assert name and re.search(r"\d+\.\d+", tag) and "latest" not in tag, image


def test_kafka_is_the_one_that_the_tests_run_on() -> None:
    [version] = re.findall(
        r"<artifactId>kafka[\w.-]*</artifactId>\s*<version>([\d.]+)", (DEPLOY / "kafka/pom.xml").read_text()
    )
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{version}"


def test_python_in_the_image_is_not_open_to_header_injection() -> None:
    found = [re.match(r"python:3\.11\.(\d+)-", rest) for word, rest in instructions() if word == "FROM"]
    assert len(found) == 2
    assert all(match and int(match[1]) >= 10 for match in found)


def test_packages_are_installed_by_hash_in_a_stage_of_their_own() -> None:
    assert [
        rest for word, rest in instructions() if word == "RUN" and "pip install" in rest and "--require-hashes" in rest
    ]
    assert not [rest for word, rest in last_stage() if "pip" in rest]
    assert ("COPY", "--from=packages /venv /venv") in last_stage()


def test_the_image_runs_as_nobody_in_particular_and_everything_it_copies_is_there() -> None:
    [user] = [rest for word, rest in last_stage() if word == "USER"]
    assert int(user.split(":")[0]) > 1000
    after = [word for word, _ in last_stage()]
    assert after.index("USER") > max(number for number, word in enumerate(after) if word in ("RUN", "COPY"))
    copied = [rest.split()[:-1] for word, rest in instructions() if word == "COPY" and "--from" not in rest]
    assert all((ROOT / one).exists() for some in copied for one in some)


def test_the_image_holds_every_room_that_the_command_line_imports() -> None:
    copied = {one for word, rest in last_stage() if word == "COPY" for one in rest.split()[:-1]}
    ignored = (DEPLOY / "image" / "Dockerfile.dockerignore").read_text().splitlines()
    rooms = {path.name for path in ROOT.iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    imported = {
        name.split(".")[0]
        for room in copied & rooms
        for file in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        for name in _imported(node)
    }
    assert imported & rooms <= copied
    assert all(f"!{one}" in ignored for one in copied & rooms)
    assert "*" in ignored


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [one.name for one in node.names] if isinstance(node, ast.Import) else []


def test_every_variable_is_a_setting_and_its_value_one_that_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    assert environment_names() - known == set()
    for name, value in WORKERS["detect"]["environment"].items():
        monkeypatch.setenv(name, re.sub(r"\$\{\w+(?::-([^}]*)|:\?[^}]*)\}", r"\1", str(value)))
    given = Settings()
    assert (given.outreach, given.probes_port, given.partitions) == (False, 9100, 16)


def test_the_commands_are_those_of_the_command_line_and_the_roles_are_those_of_up() -> None:
    [entry] = [rest for word, rest in last_stage() if word == "ENTRYPOINT"]
    assert ast.literal_eval(entry) == ["python", "-m", "beforehand"]
    commands: Any = typer.main.get_command(app)
    assert {one["command"][0] for one in OURS.values()} <= set(commands.commands)
    assert OURS["topics"]["command"][1] in commands.commands["topics"].commands
    run_by_up = {**PROCESSES, **WITH_MAPPINGS, **WITH_PAGES, **WITH_SHADOW}
    assert {name: one["command"][1:] for name, one in WORKERS.items()} == {k: list(v) for k, v in run_by_up.items()}


def test_no_role_is_forgotten() -> None:
    written = {file.stem for file in (ROOT / "streams" / "roles").glob("[!_]*.py")}
    assert written == set(ROLES)
    assert sorted(role for one in WORKERS.values() for role in one["command"][1:]) == sorted(written)


def test_what_not_everybody_needs_waits_for_its_profile_and_may_be_left_out() -> None:
    assert OPTIONAL == {"identify": ["mappings"], "shadow": ["shadow"]}
    waited_for = {other for one in SERVICES.values() for other in one.get("depends_on", ())}
    assert not waited_for & set(OPTIONAL)


def test_mapping_files_are_where_the_setting_says_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    [work] = [rest for word, rest in last_stage() if word == "WORKDIR"]
    for one in (OURS[name] for name in ("topics", "ingest", "identify")):
        assert f"./mappings:{work}/deploy/mappings:ro" in one["volumes"]
    [example] = re.findall(r'as (\["deploy/mappings/NAME\.yaml"\])', (DEPLOY / "compose.yaml").read_text())
    monkeypatch.setenv("BEFOREHAND_MAPPINGS", example.replace("NAME", "carrier-scans"))
    monkeypatch.chdir(ROOT)
    assert list(mappings_of(Settings())) == ["carrier.scans"]


@pytest.mark.parametrize("name", OURS)
def test_a_container_of_ours_cannot_write_or_gain_rights(name: str) -> None:
    one = OURS[name]
    assert (one["read_only"], one["cap_drop"], one["security_opt"]) == (True, ["ALL"], ["no-new-privileges:true"])
    assert any(where.startswith("/run/beforehand") for where in one["tmpfs"])
    assert one["environment"]["BEFOREHAND_DATABASE_URL"].startswith("postgresql://")


@pytest.mark.parametrize("name", SERVICES)
def test_health_is_looked_at_and_ports_are_on_loopback(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check == {"disable": True} if name == "topics" else check["test"][0] == "CMD"
    if name in WORKERS:
        assert "127.0.0.1:9100/healthz" in check["test"][-1]
        ast.parse(check["test"][-1])
    assert all(str(port).startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))
    assert not [key for key in ("privileged", "network_mode", "pid") if key in SERVICES[name]]


def test_the_image_asks_healthz_itself() -> None:
    [check] = [rest for word, rest in last_stage() if word == "HEALTHCHECK"]
    assert "/healthz" in ast.literal_eval(check.partition("CMD ")[2])[2]


def test_only_the_role_that_pages_reach_has_its_keys_and_a_port() -> None:
    declared = read(DEPLOY / "compose.yaml")["secrets"]
    assert declared == {"in_app_keys": {"file": "./in_app.keys"}}
    assert {name for name, one in OURS.items() if "secrets" in one or "ports" in one} == {"in_app"}
    one = OURS["in_app"]
    assert one["secrets"] == list(declared)
    assert one["environment"]["BEFOREHAND_IN_APP_KEYS"] == f"/run/secrets/{one['secrets'][0]}"
    assert one["ports"] == ["127.0.0.1:{0}:{0}".format(one["environment"]["BEFOREHAND_IN_APP_PORT"])]
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    kept_out = (DEPLOY / "image" / "Dockerfile.dockerignore").read_text().splitlines()
    assert {"deploy/.env", "deploy/in_app.keys"} <= set(ignored) and {"**/.env", "**/in_app.keys"} <= set(kept_out)


def test_prometheus_asks_every_worker_at_its_port() -> None:
    [job] = read(DEPLOY / "prometheus" / "prometheus.yaml")["scrape_configs"]
    asked = {one["targets"][0]: one["labels"]["process"] for one in job["static_configs"]}
    assert asked == {f"{name}:9100": name for name in WORKERS if name not in OPTIONAL}
    # One that is not run has no name there: asked by name only, it is not missed (ProcessDown).
    [by_name] = job["dns_sd_configs"]
    assert (set(by_name["names"]), by_name["port"]) == (set(OPTIONAL), 9100)
    [labelled] = job["relabel_configs"]
    assert (labelled["source_labels"], labelled["target_label"]) == (["__meta_dns_name"], "process")


def test_what_is_mounted_is_there_and_what_the_programs_are_told_to_read_is_mounted() -> None:
    for one in SERVICES.values():
        mounts = {v.split(":")[1]: v.split(":")[0] for v in one.get("volumes", []) if v.startswith(".")}
        assert all((DEPLOY / source).is_dir() for source in mounts.values())
        for word in shlex.split(" ".join(one.get("command", []))):
            if word.startswith("--config.file="):
                inside = Path(word.partition("=")[2])
                assert (DEPLOY / mounts[str(inside.parent)] / inside.name).is_file()
