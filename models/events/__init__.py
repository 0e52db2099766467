"""What happened, or became known: one event type per file, CloudEvents 1.0 structured JSON on the wire."""
