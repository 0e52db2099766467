"""Broken promises: a deadline that will not be, or was not, kept."""
