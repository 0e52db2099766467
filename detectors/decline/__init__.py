"""Decline: customers who are about to stop being customers."""
