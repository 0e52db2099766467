"""What can go wrong with the embedded Kafka. Every message is one sentence that says what to do."""


class EmbeddedKafkaError(RuntimeError):
    """The embedded Kafka cannot do what was asked; the subclasses say why."""


class JavaMissing(EmbeddedKafkaError):
    """No Java of at least version 17 on this machine."""


class JarsMissing(EmbeddedKafkaError):
    """Kafka's program files are neither here nor can they be fetched."""


class JarsChanged(EmbeddedKafkaError):
    """Kafka's program files are not exactly those of the committed checksums."""


class PortInUse(EmbeddedKafkaError):
    """Somebody else listens on the port asked for."""


class DataInUse(EmbeddedKafkaError):
    """Another broker runs on the same data folder."""


class BrokerFailed(EmbeddedKafkaError):
    """Kafka ended, or did not become ready, while it was being started."""
