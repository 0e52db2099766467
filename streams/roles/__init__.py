"""One role per file; each is told when to stop."""
