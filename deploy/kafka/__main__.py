"""`python -m deploy.kafka`: one broker in the foreground, until Ctrl-C or SIGTERM.

`python -m deploy.kafka --prepare` only fetches Kafka and makes what is made once per machine.
"""

import argparse
import logging
import signal
import sys
from pathlib import Path

from deploy.kafka.archive import archive_flags
from deploy.kafka.broker import Broker
from deploy.kafka.cache import ROOT, default_cache
from deploy.kafka.errors import EmbeddedKafkaError
from deploy.kafka.program import find_program


def main() -> int:
    """Runs the command; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.kafka", description="Apache Kafka on this machine only.")
    parser.add_argument("--home", type=Path, default=ROOT / ".run" / "kafka", help="folder of data and log")
    parser.add_argument("--port", type=_port, help="where to listen; default: the port it had, or a free one")
    parser.add_argument("--prepare", action="store_true", help="only fetch and prepare Kafka")
    asked = parser.parse_args()
    logging.basicConfig(format="%(message)s")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C
    try:
        if asked.prepare:
            archive_flags(find_program(default_cache()))
            return 0
        return _serve(Broker(asked.home, port=asked.port))
    except EmbeddedKafkaError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 0


def _serve(broker: Broker) -> int:
    with broker:
        sys.stdout.write(f"{broker.bootstrap}\n")
        sys.stdout.flush()
        code = broker.wait()
    sys.stderr.write(f"Kafka ended by itself with code {code}: look into {broker.log}\n")
    return 1


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port < 65_536:
        raise argparse.ArgumentTypeError(f"{port} is no port: choose one from 1 to 65535")
    return port


if __name__ == "__main__":
    sys.exit(main())
