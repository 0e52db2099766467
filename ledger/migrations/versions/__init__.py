"""One step per file; a step that was released never changes."""
