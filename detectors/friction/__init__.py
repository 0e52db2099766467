"""Friction: repeated failure without success."""
