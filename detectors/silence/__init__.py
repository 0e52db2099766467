"""Trouble that shows in what does not happen any more."""
