"""Families of models: each learns from examples and gives its part of a snapshot."""
