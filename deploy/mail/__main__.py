"""`python -m deploy.mail --folder F --port P`: the server as a process, until SIGTERM, SIGINT or its parent's end."""

import argparse
import os
import signal
import sys
from pathlib import Path
from threading import Event

from deploy.mail.faults import FaultError
from deploy.mail.server import MailServer, MailServerError

LOOK_S = 0.5


def main() -> int:
    """Print `ready 127.0.0.1:PORT` once it listens. 0 when told to stop, 1 when it cannot run."""
    parent = os.getppid()
    parser = argparse.ArgumentParser(prog="python -m deploy.mail", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where accepted mails are kept")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--fault", action="append", default=[], help="such as dot=drop@10; see deploy/mail/faults.py")
    parser.add_argument("--end-with-parent", action="store_true", help="stop when the process that started it ends")
    given = parser.parse_args()
    told = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    try:
        server = MailServer(given.folder, given.port, given.fault).start()
    except (MailServerError, FaultError) as error:
        sys.stderr.write(f"mail server: {error}\n")
        return 1
    sys.stdout.write(f"ready 127.0.0.1:{server.port}\n")
    sys.stdout.flush()
    while not told.wait(LOOK_S):
        if given.end_with_parent and os.getppid() != parent:
            break
    server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
