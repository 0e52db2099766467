"""Who is about to have trouble? Pure: no I/O, no clock, no randomness; time is an argument."""
