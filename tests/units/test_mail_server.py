"""The server that demo and tests count mails with: what it accepted is on disk before it says so."""

import json
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.mail import MailServer, MailServerError, duplicates, read_accepted
from deploy.mail.faults import Fault, FaultError, Faults, parse_fault

MAIL = "Message-ID: <{0}@shop.example>\r\nSubject: Hello\r\n\r\nHello\r\n.dot\r\n"
ROOT = Path(__file__).resolve().parents[2]
Until = Callable[..., None]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    with MailServer(tmp_path / "mails") as started:
        yield started


def deliver(port: int, *names: str) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
        for name in names:
            client.sendmail("care@shop.example", [f"{name}@example.org"], MAIL.format(name))


def test_every_acceptance_is_a_file_and_a_line(server: MailServer) -> None:
    deliver(server.port, "a", "b", "a")
    accepted = read_accepted(server.folder)
    assert [(one.seq, one.message_id, one.to) for one in accepted] == [
        (1, "<a@shop.example>", ["a@example.org"]),
        (2, "<b@shop.example>", ["b@example.org"]),
        (3, "<a@shop.example>", ["a@example.org"]),
    ]
    assert accepted[0].path(server.folder).read_bytes() == MAIL.format("a").encode()
    assert sorted(path.name for path in (server.folder / "new").iterdir()) == [f"0000000{n}.eml" for n in (1, 2, 3)]
    assert accepted[0].at_unix <= accepted[2].at_unix
    assert server.accepted == accepted


def test_duplicates_are_counted_by_message_id(server: MailServer) -> None:
    deliver(server.port, "a", "b")
    assert duplicates(server.folder) == {}
    deliver(server.port, "a", "a")
    assert duplicates(server.folder) == {"<a@shop.example>": 3}


def test_a_server_that_starts_again_goes_on_counting(tmp_path: Path) -> None:
    server = MailServer(tmp_path)
    server.start()
    deliver(server.port, "a")
    port = server.port
    server.stop()
    with pytest.raises(OSError, match="refused"):
        deliver(port, "b")
    server.start()
    assert server.port == port
    deliver(server.port, "c")
    server.stop()
    assert [one.seq for one in read_accepted(tmp_path)] == [1, 2]


def test_a_line_half_written_by_a_killed_server_is_taken_off(tmp_path: Path) -> None:
    with MailServer(tmp_path) as server:
        deliver(server.port, "a")
    with (tmp_path / "accepted.jsonl").open("a") as log:
        log.write('{"seq": 2, "at_')
    assert [one.seq for one in read_accepted(tmp_path)] == [1]
    with MailServer(tmp_path) as server:
        deliver(server.port, "b")
    assert [json.loads(line)["seq"] for line in (tmp_path / "accepted.jsonl").read_text().splitlines()] == [1, 2]


def test_stopping_hangs_up_on_clients_that_stay(server: MailServer) -> None:
    client = smtplib.SMTP("127.0.0.1", server.port, timeout=5)
    server.stop()
    with pytest.raises((smtplib.SMTPServerDisconnected, OSError)):
        client.noop()
    client.close()


@pytest.mark.parametrize(
    ("fault", "code", "kept"), [("rcpt=550", 550, 0), ("mail=451", 451, 0), ("data=452", 452, 0), ("dot=554", 554, 0)]
)
def test_a_refusal_to_order_keeps_nothing(server: MailServer, fault: str, code: int, kept: int) -> None:
    server.order([fault])
    with pytest.raises((smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)) as refused:
        deliver(server.port, "a")
    assert str(code) in str(refused.value)
    assert len(server.accepted) == kept
    server.order([])
    deliver(server.port, "a")
    assert len(server.accepted) == kept + 1


@pytest.mark.parametrize(
    ("fault", "kept"),
    [("dot=drop", 1), ("dot=lose", 0), ("data=drop", 0), ("rcpt=drop", 0), ("mail=drop", 0), ("connect=drop", 0)],
)
def test_a_lost_connection_keeps_what_was_accepted_before_it(server: MailServer, fault: str, kept: int) -> None:
    server.order([fault])
    with pytest.raises(smtplib.SMTPServerDisconnected):
        deliver(server.port, "a")
    assert len(server.accepted) == kept


def test_a_fault_comes_every_so_often(server: MailServer) -> None:
    server.order(["dot=451@3"])
    outcomes = []
    for name in "abcdef":
        try:
            deliver(server.port, name)
            outcomes.append(True)
        except smtplib.SMTPDataError:
            outcomes.append(False)
    assert outcomes == [True, True, False, True, True, False]
    assert len(server.accepted) == 4


def test_a_connection_that_closes_after_the_reply_is_dead_for_the_next_mail(server: MailServer) -> None:
    server.order(["dot=close"])
    with pytest.raises(smtplib.SMTPServerDisconnected):
        deliver(server.port, "a", "b")
    assert [one.message_id for one in server.accepted] == ["<a@shop.example>"]


@pytest.mark.parametrize(
    "spec", ["", "dot", "dot=", "tea=550", "dot=200", "dot=delay", "rcpt=lose", "dot=drop@0", "mail=close"]
)
def test_a_fault_nobody_knows_is_refused_with_what_would_be_right(spec: str) -> None:
    with pytest.raises(FaultError, match="fault"):
        parse_fault(spec)


def test_faults_read_as_they_are_written() -> None:
    assert parse_fault("dot=drop@10") == Fault("dot", "drop", 10)
    assert parse_fault("rcpt=delay:0.25").delay_s == 0.25
    assert parse_fault("dot=451").reply.startswith("451 ")
    both = Faults(["dot=550", "dot=delay:1"]).at("dot")
    assert [fault.action for fault in both] == ["delay:1", "550"]


def test_a_taken_port_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(MailServerError, match=f"cannot listen on 127.0.0.1:{port}.*choose another port"):
            MailServer(tmp_path, port).start()


def test_a_folder_that_cannot_be_written_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MailServerError, match="choose another folder"):
        MailServer(tmp_path / "file").start()


def process(folder: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "deploy.mail", "--folder", str(folder), *more]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def port_of(running: subprocess.Popen[str]) -> int:
    assert running.stdout is not None
    return int(running.stdout.readline().rpartition(":")[2])


def test_as_a_process_it_says_where_it_is_and_ends_when_told(tmp_path: Path) -> None:
    with process(tmp_path, "--fault", "dot=drop@2") as running:
        try:
            port = port_of(running)
            deliver(port, "a")
            with pytest.raises(smtplib.SMTPServerDisconnected):
                deliver(port, "b")
        finally:
            running.send_signal(signal.SIGTERM)
        assert running.wait(10) == 0
    assert len(read_accepted(tmp_path)) == 2


def test_killed_it_has_kept_all_that_it_accepted(tmp_path: Path) -> None:
    with process(tmp_path) as running:
        try:
            deliver(port_of(running), *"abcdefgh")
        finally:
            running.kill()
    assert len(read_accepted(tmp_path)) == 8


def test_it_ends_with_its_parent(tmp_path: Path, until: Until) -> None:
    """A shell starts it and ends; the server, now without that parent, follows."""
    code = (
        "import subprocess, sys; "
        "command = [sys.executable, '-m', 'deploy.mail', '--folder', sys.argv[1], '--end-with-parent']; "
        "child = subprocess.Popen(command, stdout=subprocess.PIPE); child.stdout.readline(); print(child.pid)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    pid = int(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    until(lambda: _is_gone(pid), timeout_s=10)


def _is_gone(pid: int) -> bool:
    """Ended, though nobody has collected it yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_as_a_process_it_fails_with_one_line(tmp_path: Path) -> None:
    _fails(tmp_path, ["--fault", "tea=1"], "fault 'tea=1' is not")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        _fails(tmp_path, ["--port", str(other.getsockname()[1])], "cannot listen on 127.0.0.1")


def _fails(folder: Path, more: list[str], said: str) -> None:
    running = process(folder, *more)
    out, err = running.communicate(timeout=20)
    assert (running.returncode, out, err.count("\n")) == (1, "", 1)
    assert said in err
