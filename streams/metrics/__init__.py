"""What the service says of itself to Prometheus: named in one file, counted per batch, served beside the health."""
