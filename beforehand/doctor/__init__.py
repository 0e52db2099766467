"""Is everything there that the service needs? One check per file line, each with what to do."""
