"""Makes a new data folder for a broker without starting a second Java for it."""

import base64
import shutil
import subprocess
import uuid
from pathlib import Path

from deploy.kafka.cache import locked, workshop
from deploy.kafka.configuration import LOG4J, NODE, configuration
from deploy.kafka.errors import BrokerFailed
from deploy.kafka.program import Program


def format_data(program: Program, data: Path) -> None:
    """Fills `data` for a first start; leaves it alone when a broker lived there before.

    Kafka's tool runs once per set of jars and its result is kept as a template. A copy needs only new ids: with
    static voters nothing else in it names the cluster. Writing just the file with the ids would boot too, but leave
    groups and transactions switched off.

    Raises `BrokerFailed`: Kafka's own tool refused.
    """
    if (data / "meta.properties").exists():
        return
    if not program.template.is_dir():
        with locked(program.template):
            if not program.template.is_dir():
                _make_template(program)
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(program.template, data)
    ids = f"version=1\ncluster.id={_new_id()}\nnode.id={NODE}\ndirectory.id={_new_id()}\n"
    (data / "meta.new").write_text(ids)
    (data / "meta.new").rename(data / "meta.properties")  # last, and at once: its presence means "complete"


def _make_template(program: Program) -> None:
    with workshop(program.template) as folder:
        data, properties = folder / "data", folder / "server.properties"
        properties.write_text(configuration(data, 1, 2, {}))
        (folder / "log4j2.properties").write_text(LOG4J)
        command = program.command(folder, "kafka.tools.StorageTool", "format", "-t", _new_id(), "-c", str(properties))
        ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if ended.returncode != 0:
            said = (ended.stdout + ended.stderr).strip().splitlines()
            raise BrokerFailed(
                f"Kafka's format tool failed ({said[-1] if said else 'it said nothing'}): "
                f"delete {program.cache} and start again"
            )
        (data / "meta.properties").unlink()
        data.rename(program.template)


def _new_id() -> str:
    """As Kafka writes ids: 16 random bytes in URL-safe base 64, not beginning with a dash."""
    text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    return _new_id() if text.startswith("-") else text
