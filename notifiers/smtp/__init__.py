"""Mail as bytes, one transaction, and a few connections: what the e-mail channel is made of."""
