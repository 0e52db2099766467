"""How every client of ours reaches Kafka, from the settings."""

from typing import Any

from streams.security import Security, for_aiokafka
from streams.settings import Settings


def security_of(settings: Settings) -> Security:
    """What the settings say of encryption and of who we are."""
    return Security(
        protocol=settings.kafka_security,
        user=settings.kafka_user,
        password=settings.kafka_password.get_secret_value(),
        ca_file=settings.kafka_ca_file,
        allow_plaintext=settings.kafka_allow_plaintext,
    )


def client_options(settings: Settings) -> dict[str, Any]:
    """The arguments that every aiokafka client takes. Raises `ConnectionRefused` for what is wrong or not safe."""
    return for_aiokafka(settings.kafka, security_of(settings))
