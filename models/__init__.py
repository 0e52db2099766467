"""The vocabulary of the house: events, observations, issues, decisions."""
