"""What an evaluation found, for programs (JSON, CSV) and for people (a page that needs no network)."""
