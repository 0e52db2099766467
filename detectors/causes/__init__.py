"""Causes: many customers, one trouble that they share, and the narrowest thing that explains it."""
