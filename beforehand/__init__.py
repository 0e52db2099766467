"""The command line: composes the rooms, decides nothing."""
