"""The virtualenv of the peers that are no part of this project, from hashed requirements of their own."""

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv-peers"
REQUIREMENTS = ROOT / "requirements" / "peers.txt"


class PeersMissing(Exception):
    """The peers cannot be installed. Operator action: see the message."""


def peers_python() -> str:
    """The Python that has the peers; makes its virtualenv when it is not there or not of these requirements."""
    python, mark = VENV / "bin" / "python", VENV / ".ready"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if not mark.exists() or mark.read_text() != wanted:
        print(f"installing the peers into {VENV} ...", flush=True)
        _run(sys.executable, "-m", "venv", "--clear", str(VENV))
        _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r",
             str(REQUIREMENTS))  # fmt: skip
        mark.write_text(wanted)
    return str(python)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeersMissing(f"{' '.join(command[1:5])} failed: {done.stderr.strip()[-300:]}: install what it names, "
                           "or check the way to the package index")  # fmt: skip
