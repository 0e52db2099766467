"""Choosing a detector's parameters by what its messages would have been worth."""
