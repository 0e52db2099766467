"""Standard Webhooks (version 1.0.0 of the specification): what is signed, where it may go, and what an answer means."""
