"""The engine beside its peers: the same toy work on the same Kafka, in one run."""
