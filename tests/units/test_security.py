"""A connection to Kafka is complete and encrypted, or it is refused in one sentence."""

import asyncio
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from deploy.kafka.broker import Broker
from deploy.kafka.java import find_java
from deploy.kafka.ports import free_port
from streams.admin import apply, end_offsets
from streams.cluster import KafkaAway, KafkaRefused
from streams.security import ConnectionRefused, Security, check, for_aiokafka, for_kafka_python, servers
from streams.topics import JOURNAL, table

SASL = Security(protocol="SASL_SSL", mechanism="PLAIN", user="beforehand", password="not-told")


@pytest.mark.parametrize(
    "bootstrap",
    ["127.0.0.1:9092", "127.8.9.10:1", "localhost:9092", "LOCALHOST:9092", "[::1]:9092", "localhost:1, 127.0.0.1:2"],
)
def test_loopback_may_be_in_the_clear(bootstrap: str) -> None:
    check(bootstrap, Security())


@pytest.mark.parametrize("open_wide", [Security(), replace(SASL, protocol="SASL_PLAINTEXT")])
@pytest.mark.parametrize(
    "bootstrap",
    [
        "kafka.shop.example:9092",
        "10.0.0.1:9092",
        "localhost:9092,10.0.0.1:9092",
        "localhost.shop.example:9092",
        "[2001:db8::1]:9092",
        "0.0.0.0:9092",
    ],
)
def test_beyond_loopback_it_may_not_unless_allowed_by_name(bootstrap: str, open_wide: Security) -> None:
    with pytest.raises(ConnectionRefused, match=r"would not be encrypted: set .*KAFKA_ALLOW_PLAINTEXT=true$"):
        check(bootstrap, open_wide)
    check(bootstrap, replace(open_wide, allow_plaintext=True))
    check(bootstrap, SASL)


@pytest.mark.parametrize(
    "bootstrap",
    [
        "",
        "localhost",
        "localhost:",
        ":9092",
        "localhost:http",
        "localhost:0",
        "localhost:65536",
        "localhost:9092,",
        "localhost:9092;localhost:9093",
        "localhost:٣",
    ],
)
def test_what_is_not_host_and_port_is_refused(bootstrap: str) -> None:
    with pytest.raises(ConnectionRefused, match=r"is not host:port: correct BEFOREHAND_KAFKA$"):
        check(bootstrap, Security())


def test_hosts_and_ports_are_told_apart() -> None:
    assert servers("a:1, [::1]:2") == [("a", 1), ("::1", 2)]


@pytest.mark.parametrize("wrong", [replace(SASL, user=""), replace(SASL, password="")])
def test_sasl_needs_a_name_and_a_password(wrong: Security) -> None:
    with pytest.raises(ConnectionRefused, match="BEFOREHAND_KAFKA_USER and BEFOREHAND_KAFKA_PASSWORD"):
        check("localhost:9092", wrong)


def test_a_ca_file_that_would_not_be_used_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConnectionRefused, match="has no use"):
        check("localhost:9092", Security(ca_file=tmp_path / "ca.pem"))


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_ca_file_that_cannot_be_read_is_named(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConnectionRefused, match=r"ca\.pem cannot be used .*BEFOREHAND_KAFKA_CA_FILE"):
        for_aiokafka("localhost:9092", replace(SASL, ca_file=file))


def test_the_password_is_not_shown() -> None:
    assert "not-told" not in repr(SASL)


def test_hosts_and_certificates_are_checked() -> None:
    context = for_aiokafka("localhost:9092", SASL)["ssl_context"]
    assert context.check_hostname and context.verify_mode == ssl.CERT_REQUIRED


def test_without_tls_and_sasl_nothing_is_said_of_them() -> None:
    assert for_aiokafka("localhost:9092") == {"bootstrap_servers": "localhost:9092", "security_protocol": "PLAINTEXT"}


@pytest.fixture(scope="module")
def guarded(kafka: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Security]]:
    """Address of a listener with TLS and passwords, and how to get in. (After `kafka`: it makes what is made once.)"""
    folder = tmp_path_factory.mktemp("guarded")
    store, certificate = folder / "store.p12", folder / "ca.pem"
    keytool = [
        str(find_java().program.parent / "keytool"),
        "-storetype",
        "PKCS12",
        "-storepass",
        "for-tests",
        "-keystore",
        str(store),
        "-alias",
        "broker",
    ]
    subprocess.run(
        [
            *keytool,
            "-genkeypair",
            "-keyalg",
            "EC",
            "-dname",
            "CN=test",
            "-validity",
            "2",
            "-ext",
            "SAN=ip:127.0.0.1",
            "-ext",
            "bc=ca:true",
        ],
        check=True,
        capture_output=True,
    )
    subprocess.run([*keytool, "-exportcert", "-rfc", "-file", str(certificate)], check=True, capture_output=True)
    plain = free_port()
    controller = free_port(plain)
    guarded_port = free_port(plain, controller)
    ours = f"PLAINTEXT://127.0.0.1:{plain},GUARDED://127.0.0.1:{guarded_port}"
    module = "org.apache.kafka.common.security.plain.PlainLoginModule"
    properties = {
        "listeners": f"{ours},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": ours,
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,GUARDED:SASL_SSL",
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.guarded.plain.sasl.jaas.config": f"{module} required user_beforehand=not-told;",
        "listener.name.guarded.ssl.keystore.type": "PKCS12",
        "listener.name.guarded.ssl.keystore.location": store,
        "listener.name.guarded.ssl.keystore.password": "for-tests",
    }
    with Broker(folder / "broker", port=plain, properties=properties):
        yield f"127.0.0.1:{guarded_port}", replace(SASL, ca_file=certificate)


def test_both_clients_get_in_with_tls_and_password(guarded: tuple[str, Security]) -> None:
    bootstrap, security = guarded
    assert JOURNAL in apply(bootstrap, table(1), security)

    async def send() -> int:
        async with AIOKafkaProducer(**for_aiokafka(bootstrap, security)) as producer:
            return int((await producer.send_and_wait(JOURNAL, b"v", partition=0)).offset)

    assert asyncio.run(send()) == 0
    assert end_offsets(bootstrap, [JOURNAL], security) == {(JOURNAL, 0): 1}


def test_a_wrong_password_or_an_unknown_signer_is_a_sentence_within_12_s(guarded: tuple[str, Security]) -> None:
    bootstrap, security = guarded
    for wrong in (replace(security, password="guessed"), replace(security, ca_file=None)):
        started = time.monotonic()
        with pytest.raises((KafkaAway, KafkaRefused), match=f"Kafka .*{bootstrap}") as caught:
            apply(bootstrap, table(1), wrong)
        assert time.monotonic() - started < 12
        assert "guessed" not in str(caught.value) and "not-told" not in str(caught.value)


def test_kafka_python_takes_the_same_arguments(guarded: tuple[str, Security]) -> None:
    bootstrap, security = guarded
    assert for_kafka_python(bootstrap, security).keys() == for_aiokafka(bootstrap, security).keys()
