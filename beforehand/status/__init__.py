"""How the service stands: lag, watermarks, open issues, outbox, holds."""
