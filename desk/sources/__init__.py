"""Histories to run: one source per file, an iterator of events in time order, with its own truth."""
