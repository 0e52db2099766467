"""`/metrics`, `/healthz`, `/readyz` and `/causes`, from a thread of its own: it answers when the event loop does not.

The contract of events is served here, too (`/asyncapi.json`, `/schemas.json`, `/schemas/TYPE.json`).
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
import orjson
import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from models.errors import OperatorError
from streams.metrics.registry import METRICS
from streams.probes.contract import contract_page
from streams.probes.vitals import Vitals
from streams.settings import Settings

_NOT_FOUND = b"there are /metrics, /healthz, /readyz, /causes, /asyncapi.json, /schemas.json and /schemas/TYPE.json\n"
CAUSES = "/causes"
"""The open causes of this process, as JSON: entities are no metric's labels, there may be as many as sellers."""
FOLDER = "probes"
"""In the run folder: one file per process, in the form of Prometheus' file_sd_configs."""


class PortTaken(OperatorError):
    """The probes' port cannot be had. Operator action: choose another, or 0 for a free one."""


class ProbeServer:
    """Serves the probes of a process called `name` from its making until `close`. Raises `PortTaken`."""

    def __init__(self, vitals: Vitals, settings: Settings, name: str) -> None:
        where = (settings.probes_host, settings.probes_port)
        try:
            self._server = ThreadingHTTPServer(where, _handler(vitals))
        except OSError as error:
            raise PortTaken(
                f"probes cannot be served at {where[0]}:{where[1]} ({error.strerror}): set BEFOREHAND_PROBES_PORT to "
                "another port, or to 0 for a free one, and BEFOREHAND_PROBES_HOST to an address of this machine"
            ) from None
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self._file = _write_down(settings, name, self.port)
        Thread(target=self._server.serve_forever, name="probes", daemon=True).start()
        structlog.get_logger("beforehand").info("probes", process=name, host=where[0], port=self.port)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._file.unlink(missing_ok=True)


def _write_down(settings: Settings, name: str, port: int) -> Path:
    folder = settings.run_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.json"):  # of processes that had no chance to take theirs away
        if not _lives(old.stem.rpartition(".")[2]):
            old.unlink(missing_ok=True)
    file = folder / f"{name}.{os.getpid()}.json"
    draft = file.with_suffix(".new")
    draft.write_bytes(orjson.dumps([{"targets": [f"{settings.probes_host}:{port}"], "labels": {"process": name}}]))
    draft.replace(file)
    return file


def _lives(pid: str) -> bool:
    if not pid.isdecimal():
        return True
    with suppress(PermissionError):
        try:
            os.kill(int(pid), 0)
        except (ProcessLookupError, OverflowError):
            return False
    return True


def _handler(vitals: Vitals) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/metrics":
                self._answer(200, CONTENT_TYPE_LATEST, generate_latest(METRICS.registry))
            elif path == "/healthz":
                self._judge("healthy", vitals.ill())
            elif path == "/readyz":
                self._judge("ready", vitals.not_ready())
            elif path == CAUSES:
                self._answer(200, "application/json", msgspec.json.encode(vitals.causes()))
            elif (page := contract_page(path)) is not None:
                self._answer(200, "application/json", page)
            else:
                self._answer(404, "text/plain", _NOT_FOUND)

        def _judge(self, word: str, reasons: Sequence[str]) -> None:
            body = {word: not reasons, "reasons": reasons, "roles": vitals.roles}
            self._answer(503 if reasons else 200, "application/json", orjson.dumps(body))

        def _answer(self, code: int, kind: str, body: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """A probe every few seconds is no news."""

    return Handler
