"""The data scientist's desk: recorded and simulated histories, the whole house without Kafka, replay."""
