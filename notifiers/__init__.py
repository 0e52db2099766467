"""Telling a customer about their trouble, once: what is decided is pure, what is sent is at the edge."""
