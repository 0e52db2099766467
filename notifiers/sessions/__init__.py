"""Customers who are in the shop right now: who they are, what they are offered, and the edge that they listen at."""
