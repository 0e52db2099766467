"""What it takes to run: the embedded Kafka. Imports nothing of ours."""
