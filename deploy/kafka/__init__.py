"""Real Apache Kafka as an embedded broker: one KRaft node on loopback, gone with its parent process."""
